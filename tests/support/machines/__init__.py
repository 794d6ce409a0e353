"""Two sites on one Redis Cluster behind a proxy, the people who use them, and what is killed meanwhile."""
