"""Keeps an open page up to date with its session."""
