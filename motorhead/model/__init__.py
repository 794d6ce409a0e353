"""The connection to the models that write summaries and embeddings."""
