"""Used tickets: addresses end up in logs, so a ticket in one opens only the first connection that has it."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.runs.log import translated


class Tickets:
    """Remembers used tickets for ``lifetime`` seconds, as long as one is valid."""

    def __init__(self, client: Redis, lifetime: int) -> None:
        self._redis = client
        self._lifetime = lifetime

    async def use(self, digest: str) -> bool:
        """Use the ticket with this digest. False: it was used before. Raises `RunLogUnreachable`."""
        with translated():
            return bool(await self._redis.set(f"chat:ticket:{digest}", 1, nx=True, ex=self._lifetime))
