"""The handlers of the protocol's calls: each takes a request and returns its response."""
