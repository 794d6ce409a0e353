"""What gives access, in Redis, so that it holds in every worker: attempts to sign in, visits, tokens and tickets."""
