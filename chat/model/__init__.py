"""The client of an OpenAI-compatible model."""
