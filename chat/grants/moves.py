"""Moves of sessions that have begun: whose sessions an account is taking over, until it has all of them.

A visitor's cookie ends when the move begins. Were the move forgotten halfway, nobody could open the other sessions.
"""

from __future__ import annotations

from chat.runs.store import Store


class Moves:
    """The moves to each owner. Every method raises `RunLogUnreachable`: Redis did not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, owner: str, to: str) -> None:
        """Note that the sessions of ``owner`` go to the owner ``to``."""
        await self._store.ask("SADD", _key(to), owner)

    async def under_way(self, to: str) -> list[str]:
        """The owners whose sessions go to ``to``, in alphabetical order."""
        return sorted(owner.decode() for owner in await self._store.ask("SMEMBERS", _key(to)))

    async def end(self, owner: str, to: str) -> None:
        """Note that ``to`` has all of them."""
        await self._store.ask("SREM", _key(to), owner)


def _key(to: str) -> str:
    return f"chat:moves:{to}"
