"""An OpenAI-compatible server without weights, for machines with no API key: it answers only from its prompt."""
