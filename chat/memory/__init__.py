"""The port to a Motörhead memory server."""
