"""The sessions in Redis."""
