"""The commands ``import`` and ``fsck``."""
