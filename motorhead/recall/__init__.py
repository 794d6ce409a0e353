"""Long-term memory: embeddings, and the messages nearest to a text."""
