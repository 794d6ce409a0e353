"""Counters in Redis that begin again after a while, for limits that hold in all workers together."""

from __future__ import annotations

from collections.abc import Sequence

from chat.runs.scripts import COUNT, TAKE_BACK
from chat.runs.store import Store


class Counts:
    """Counters that begin again ``seconds`` after their first count. Every method raises `RunLogUnreachable`."""

    def __init__(self, store: Store, seconds: int) -> None:
        self._store = store
        self._seconds = seconds

    async def add(self, key: str) -> tuple[int, int]:
        """Count one more. Returns the count, and the seconds until it begins again."""
        count, seconds = await self._store.ask_once(*COUNT.call([key], [self._seconds]))
        return count, max(seconds, 1)

    async def take_back(self, keys: Sequence[str]) -> None:
        """Count one less of each."""
        for key in keys:
            await self._store.ask_once(*TAKE_BACK.call([key], [self._seconds]))

    async def forget(self, key: str) -> None:
        """Begin again."""
        await self._store.ask("DEL", key)
