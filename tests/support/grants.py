"""What gives access, in an empty Valkey of the test."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.grants.grants import Grants
from chat.grants.logins import LoginLimiter


def grants_in(client: Redis) -> Grants:
    """The grants of a worker, without limits."""
    return Grants(LoginLimiter(client, 0, 0))
