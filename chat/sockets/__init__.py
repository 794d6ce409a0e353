"""What all websockets share."""
