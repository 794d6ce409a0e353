"""AG-UI's own clients on Node against a whole site."""
