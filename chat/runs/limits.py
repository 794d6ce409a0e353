"""Limits on the turns begun each minute by one visitor, from one address and by all visitors, across all workers.

A visitor is a cookie, so a browser that refuses it is a new visitor on each page. Its address stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from chat.domain.exceptions import TooManyTurns, TooManyTurnsInAll, TooManyTurnsOfAddress
from chat.runs.log import translated

MINUTE = 60
#: The key that counts the turns of all visitors.
ALL = "chat:turns-in-all"


class TurnLimiter:
    """Turns a minute: ``limit`` for each visitor, ``per_address`` from each network, and ``in_all``; 0: no limit."""

    def __init__(self, client: Redis, limit: int, in_all: int = 0, per_address: int = 0) -> None:
        self._redis = client
        self.limit = limit
        self.in_all = in_all
        self.per_address = per_address

    async def take(self, visitor: str, network: str | None = None) -> None:
        """Count one turn. Raises `TooManyTurns`, with the seconds to wait: this minute's turns are used up."""
        counted: list[str] = []
        for key, limit, refusal in self._limits(visitor, network):
            count, seconds = await self._count(key)
            counted.append(key)
            if count > limit:
                await self._uncount(counted)
                raise refusal(limit, seconds)

    async def give_back(self, visitor: str, network: str | None = None) -> None:
        """Return a turn that was counted but not begun."""
        await self._uncount([key for key, _, _ in self._limits(visitor, network)])

    def _limits(self, visitor: str, network: str | None) -> list[tuple[str, int, type[TooManyTurns]]]:
        """Key, limit and refusal of every limit that applies; a client beyond its own limit uses up no other."""
        limits: list[tuple[str, int, type[TooManyTurns]]] = [(_key(visitor), self.limit, TooManyTurns)]
        if network is not None:
            limits.append((_address_key(network), self.per_address, TooManyTurnsOfAddress))
        limits.append((ALL, self.in_all, TooManyTurnsInAll))
        return [each for each in limits if each[1]]

    async def _count(self, key: str) -> tuple[int, int]:
        """The turns of this minute, including this one, and the seconds left of it."""
        with translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=MINUTE, nx=True)
                pipe.incr(key)
                pipe.ttl(key)
                _, count, seconds = await pipe.execute()
        return count, max(seconds, 1)

    async def _uncount(self, keys: Sequence[str]) -> None:
        for key in keys:
            with translated():
                async with self._redis.pipeline(transaction=True) as pipe:
                    pipe.set(key, 1, ex=MINUTE, nx=True)
                    pipe.decr(key)
                    await pipe.execute()


def _key(visitor: str) -> str:
    return f"chat:turns:{visitor}"


def _address_key(network: str) -> str:
    return f"chat:turns-from:{network}"
