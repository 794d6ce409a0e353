"""The HTTP side of the memory server: requests, handlers and answers."""
