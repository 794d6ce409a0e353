"""Use cases about a whole session."""
