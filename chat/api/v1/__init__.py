"""The HTTP API ``/api/v1/``: thin operations over the use cases, and their description."""
