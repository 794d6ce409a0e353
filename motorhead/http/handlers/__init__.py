"""The calls of the protocol: each takes a request and gives its answer."""
