"""What the text of an environment variable means: the one reader of settings, for every room."""
