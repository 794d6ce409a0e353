"""A memory server that speaks the Motörhead protocol over Redis streams and loses no message."""
