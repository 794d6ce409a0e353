"""The metrics of this worker and its siblings, and who may read them."""
