"""Use cases about a session: deletion, versions of its summary."""
