"""Limits on the turns begun each minute, by one visitor and by all visitors, counted across all workers.

A visitor is a cookie, so a browser that refuses it is a new visitor on each page: only the second limit is a real one.
"""

from __future__ import annotations

from redis.asyncio import Redis

from chat.domain.exceptions import TooManyTurns, TooManyTurnsInAll
from chat.runs.log import translated

MINUTE = 60
#: The key that counts the turns of all visitors.
ALL = "chat:turns-in-all"


class TurnLimiter:
    """``limit`` turns a minute for each visitor, and ``in_all`` for all visitors together; 0 means no limit."""

    def __init__(self, client: Redis, limit: int, in_all: int = 0) -> None:
        self._redis = client
        self.limit = limit
        self.in_all = in_all

    async def take(self, visitor: str) -> None:
        """Count one turn. Raises `TooManyTurns`, with the seconds to wait: this minute's turns are used up."""
        if self.limit:
            count, seconds = await self._count(_key(visitor))
            if count > self.limit:
                raise TooManyTurns(self.limit, seconds)
        if self.in_all:
            count, seconds = await self._count(ALL)
            if count > self.in_all:
                await self.give_back(visitor)
                raise TooManyTurnsInAll(self.in_all, seconds)

    async def give_back(self, visitor: str) -> None:
        """Return a turn that was counted but not begun."""
        if self.limit:
            await self._uncount(_key(visitor))
        if self.in_all:
            await self._uncount(ALL)

    async def _count(self, key: str) -> tuple[int, int]:
        """The turns of this minute, including this one, and the seconds left of it."""
        with translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=MINUTE, nx=True)
                pipe.incr(key)
                pipe.ttl(key)
                _, count, seconds = await pipe.execute()
        return count, max(seconds, 1)

    async def _uncount(self, key: str) -> None:
        with translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, 1, ex=MINUTE, nx=True)
                pipe.decr(key)
                await pipe.execute()


def _key(visitor: str) -> str:
    return f"chat:turns:{visitor}"
