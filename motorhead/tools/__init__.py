"""The commands beside serving: import and fsck."""
