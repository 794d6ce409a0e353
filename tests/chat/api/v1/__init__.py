"""The HTTP API on a real site."""
