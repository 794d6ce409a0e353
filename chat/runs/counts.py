"""Counters in Redis that begin again after a while, for limits that hold in all workers together."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from chat.runs.log import translated


class Counts:
    """Counters that begin again ``seconds`` after their first count. Every method raises `RunLogUnreachable`."""

    def __init__(self, client: Redis, seconds: int) -> None:
        self._redis = client
        self._seconds = seconds

    async def add(self, key: str) -> tuple[int, int]:
        """Count one more. Returns the count, and the seconds until it begins again."""
        with translated():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=self._seconds, nx=True)
                pipe.incr(key)
                pipe.ttl(key)
                _, count, seconds = await pipe.execute()
        return count, max(seconds, 1)

    async def take_back(self, keys: Sequence[str]) -> None:
        """Count one less of each."""
        for key in keys:
            with translated():
                async with self._redis.pipeline(transaction=True) as pipe:
                    pipe.set(key, 1, ex=self._seconds, nx=True)
                    pipe.decr(key)
                    await pipe.execute()

    async def forget(self, key: str) -> None:
        """Begin again."""
        with translated():
            await self._redis.delete(key)
