"""Search: the messages, summaries and titles of a namespace that contain some words."""
