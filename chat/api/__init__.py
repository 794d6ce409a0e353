"""Door 2: the API for other frontends."""
