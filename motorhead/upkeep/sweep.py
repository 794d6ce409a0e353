"""Sweeps: checking all sessions in the background, a bounded number at a time, for work that went unnoticed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from motorhead.store.keys import UNNAMED, Mark, listing
from motorhead.store.listing import now_ms
from motorhead.store.namespaces import Namespaces
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.connection import checked
from redis_link.exceptions import StoreError, StoreRefused
from redis_link.link import Link

logger = logging.getLogger(__name__)

#: Sessions per batch, and seconds between batches.
BATCH = 200
REST = 0.05
#: One sweep in this many checks all sessions; the others only those active since the sweep before.
FULL_EVERY = 20

SKIPPED = "A sweep skipped %d damaged sessions; run `python -m motorhead fsck`."

Look = Callable[[bytes, State], Awaitable[None]]
Chore = Callable[[], Awaitable[None]]


class Sweep:
    """Calls ``looks`` with every session and runs ``chores``, at start and then every ``seconds``."""

    def __init__(
        self, link: Link, store: Store, seconds: float, looks: Sequence[Look], chores: Sequence[Chore] = ()
    ) -> None:
        self._chores = chores
        self._link = link
        self._store = store
        self._seconds = seconds
        self._looks = looks
        self._skipped = 0

    async def run(self) -> None:
        """Sweep until cancelled. Errors of Redis are handled here."""
        count, since = 0, 0
        while True:
            began = now_ms()
            try:
                await self._do_chores()
                await self.once(0 if count % FULL_EVERY == 0 else since)
                since, count = began - 1000, count + 1
            except StoreError as error:
                logger.warning("A sweep was aborted: %s", error)
            await asyncio.sleep(self._seconds)

    async def _do_chores(self) -> None:
        for chore in self._chores:
            try:
                await chore()
            except StoreRefused as error:
                logger.warning("A chore of a sweep was aborted: %s", error)

    async def once(self, since: int) -> None:
        """Call the looks with every session active at ``since`` (ms) or later; damaged sessions are skipped."""
        self._skipped = 0
        async for ids in self._batches(since):
            for session_id, state in zip(ids, await self._states(ids), strict=True):
                if state is not None:
                    await self._look(session_id, state)
            await asyncio.sleep(REST)
        if self._skipped:
            logger.warning(SKIPPED, self._skipped)

    async def _states(self, ids: Sequence[bytes]) -> list[State | None]:
        """The states of these sessions. When Redis refuses one of them, they are read one by one."""
        try:
            return await self._store.states(ids)
        except StoreRefused:
            return [await self._state(session_id) for session_id in ids]

    async def _state(self, session_id: bytes) -> State | None:
        try:
            return await self._store.state(session_id)
        except StoreRefused:
            self._skipped += 1
            return None

    async def _look(self, session_id: bytes, state: State) -> None:
        try:
            for look in self._looks:
                await look(session_id, state)
        except StoreRefused:
            self._skipped += 1

    async def _batches(self, since: int) -> AsyncIterator[list[bytes]]:
        """The ids of all sessions active ``since`` then, some at a time."""
        waiting: list[bytes] = []
        async for namespaces in self._pages():
            async for ids in self._ids(namespaces, since):
                waiting += ids
                while len(waiting) >= BATCH:
                    yield waiting[:BATCH]
                    del waiting[:BATCH]
            await asyncio.sleep(REST)
        if waiting:
            yield waiting

    async def _pages(self) -> AsyncIterator[list[Mark]]:
        """All namespaces, some at a time."""
        yield [UNNAMED]
        try:
            async for namespaces in Namespaces(self._link).pages():
                yield namespaces
        except StoreRefused as error:
            logger.warning("A sweep skipped the named namespaces: %s", error)

    async def _ids(self, namespaces: Sequence[Mark], since: int) -> AsyncIterator[list[bytes]]:
        """The ids of the sessions in these namespaces, up to a batch of each, and so on."""
        offset = 0
        while namespaces:
            commands = [("ZRANGEBYSCORE", listing(each), since, "+inf", "LIMIT", offset, BATCH) for each in namespaces]
            found = dict(zip(namespaces, await self._link.settle(*commands), strict=True))
            for ids in found.values():
                if isinstance(ids, StoreRefused):
                    logger.warning("A sweep skipped a listing: %s", ids)
                else:
                    yield checked(ids)
            namespaces = [each for each, ids in found.items() if isinstance(ids, list) and len(ids) == BATCH]
            offset += BATCH
