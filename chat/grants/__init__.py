"""What gives access, in Redis, so that it holds in every worker: visits, tokens, tickets, share links, sign-ins."""
