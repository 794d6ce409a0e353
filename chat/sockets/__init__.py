"""Code shared by all websockets."""
