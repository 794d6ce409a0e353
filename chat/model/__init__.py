"""The port to an OpenAI-compatible model."""
