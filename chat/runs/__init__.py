"""Runs in Redis: turns that continue without a listener."""
