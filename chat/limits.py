"""How many turns a minute a visitor may begin, counted across all workers."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.exceptions import TooManyTurns
from chat.runlog import translated

MINUTE = 60


class TurnLimiter:
    """``limit`` turns a minute for each visitor; 0 is no limit."""

    def __init__(self, client: Redis, limit: int) -> None:
        self._redis = client
        self.limit = limit

    async def take(self, visitor: str) -> None:
        """Count one turn. Raises `TooManyTurns`, with the seconds until the minute is over."""
        if not self.limit:
            return
        with translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(_key(visitor), 0, ex=MINUTE, nx=True)
                pipe.incr(_key(visitor))
                pipe.ttl(_key(visitor))
                _, count, seconds = await pipe.execute()
        if count > self.limit:
            raise TooManyTurns(self.limit, max(seconds, 1))

    async def give_back(self, visitor: str) -> None:
        """Uncount a turn that was not begun after all."""
        if not self.limit:
            return
        with translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(_key(visitor), 1, ex=MINUTE, nx=True)
                pipe.decr(_key(visitor))
                await pipe.execute()


def _key(visitor: str) -> str:
    return f"chat:turns:{visitor}"
