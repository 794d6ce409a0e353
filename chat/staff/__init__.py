"""Door 3: the admin."""
