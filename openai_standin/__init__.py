"""An OpenAI-compatible server with no weights, for a machine that has no key: it answers from its prompt alone."""
