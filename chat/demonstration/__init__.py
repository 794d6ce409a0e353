"""The port to the supervisor, for showing that any process of the site can be ended."""
