"""Door 1: the browser page."""
