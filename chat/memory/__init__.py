"""The client of a Motörhead memory server."""
