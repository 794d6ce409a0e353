"""Moves of sessions that have begun: whose sessions an account is taking over, until it has all of them.

A visitor's cookie ends when the move begins. Were the move forgotten halfway, nobody could open the other sessions.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from chat.runs.log import translated


class Moves:
    """The moves to each owner. Every method raises `RunLogUnreachable`: Redis did not answer."""

    def __init__(self, client: Redis) -> None:
        self._redis: Any = client  # its annotations are unions over all of its modes

    async def begin(self, owner: str, to: str) -> None:
        """Note that the sessions of ``owner`` go to the owner ``to``."""
        with translated():
            await self._redis.sadd(_key(to), owner)

    async def under_way(self, to: str) -> list[str]:
        """The owners whose sessions go to ``to``, in alphabetical order."""
        with translated():
            return sorted(owner.decode() for owner in await self._redis.smembers(_key(to)))

    async def end(self, owner: str, to: str) -> None:
        """Note that ``to`` has all of them."""
        with translated():
            await self._redis.srem(_key(to), owner)


def _key(to: str) -> str:
    return f"chat:moves:{to}"
