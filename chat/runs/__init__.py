"""Runs in Redis: turns that go on without anybody listening."""
