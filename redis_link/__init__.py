"""One shared connection to Redis, a single server or a Cluster."""
