"""Reads and checks settings from environment variables, for every package of the project."""
