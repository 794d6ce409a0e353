"""The memory server's door: HTTP in, answers out."""
