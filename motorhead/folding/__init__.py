"""Folding old messages into the running summary."""
