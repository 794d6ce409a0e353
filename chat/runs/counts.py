"""Counters in Redis that begin again after a while, for limits that hold in all workers together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat.runs.scripts import COUNT, TAKE_BACK
from chat.runs.store import Store


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit that is reached, by the ``key`` of its counter, and the ``seconds`` until that begins again."""

    key: str
    seconds: int


class Counts:
    """Counters that begin again ``seconds`` after their first count. Every method raises `RunLogUnreachable`.

    Counters that are counted together have the same hash tag, so that one script can do it on a Cluster, too.
    """

    def __init__(self, store: Store, seconds: int) -> None:
        self._store = store
        self._seconds = seconds

    async def check(self, key: str) -> None:
        """Return if the counters that are counted with ``key`` can be read."""
        await self._store.ask("EXISTS", key)

    async def add(self, limits: Mapping[str, int]) -> Reached | None:
        """Count one more of each key, unless a limit is reached: then the first that is, and nothing is counted."""
        if not limits:
            return None
        keys = list(limits)
        number, seconds = await self._store.ask_once(*COUNT.call(keys, [self._seconds, *limits.values()]))
        return Reached(keys[number - 1], max(seconds, 1)) if number else None

    async def take_back(self, keys: Sequence[str]) -> None:
        """Count one less of each."""
        if keys:
            await self._store.ask_once(*TAKE_BACK.call(keys, [self._seconds]))

    async def forget(self, key: str) -> None:
        """Begin again."""
        await self._store.ask("DEL", key)
