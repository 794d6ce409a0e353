"""The port to the models that write summaries and embeddings."""
