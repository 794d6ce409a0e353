"""Announces in every process that a grant has ended, so that its open sockets are closed.

The announcements are a short stream in Redis, and a bell that says "look again" and may be lost. A process reads on
where it was, so none is missed. It reads the whole stream at its start: a grant that has ended does not come back.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

from chat.domain.exceptions import RunLogUnreachable
from chat.runs.bells import Bell
from chat.runs.store import Store
from redis_link.connection import Command
from redis_link.subscriptions import Subscriptions

logger = logging.getLogger(__name__)

#: The stream of ended grants, and the channel of its bell.
ENDED = "chat:grants:ended"
#: Entries that are kept, at least.
KEPT = 10_000
#: Entries that are read at once.
READ_COUNT = 1000
#: Seconds after which the stream is read without a bell, which may have been lost.
LOOK_AGAIN = 5.0
#: Seconds before reading again after a failure.
PAUSE = 0.5

#: Called when a grant has ended.
Ended: TypeAlias = Callable[[], None]


def announcement(grant: str) -> tuple[Command, Command]:
    """The commands that announce the end of a grant, in this order."""
    return ("XADD", ENDED, "MAXLEN", "~", KEPT, "*", "grant", grant), ("SPUBLISH", ENDED, "")


class Endings:
    """All grants of a process on which sockets depend."""

    def __init__(self, store: Store, subscriptions: Subscriptions) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._watchers: defaultdict[str, set[Ended]] = defaultdict(set)
        self._bell = Bell()
        self._last = "0-0"
        self._hearing: asyncio.Task[None] | None = None

    def watch(self, grants: Sequence[str], ended: Ended) -> None:
        """Call ``ended`` when one of ``grants`` ends, until `unwatch`. Watch first, then check that they hold."""
        if self._hearing is None:
            self._subscriptions.subscribe(ENDED, self._bell.ring)
            self._hearing = asyncio.create_task(self._keep_hearing(), name="endings")
        for grant in grants:
            self._watchers[grant].add(ended)

    def unwatch(self, grants: Sequence[str], ended: Ended) -> None:
        """Stop watching."""
        for grant in grants:
            self._watchers[grant].discard(ended)
            if not self._watchers[grant]:
                del self._watchers[grant]

    def __len__(self) -> int:
        """How many grants are watched."""
        return len(self._watchers)

    async def aclose(self) -> None:
        """Stop hearing."""
        if self._hearing is not None:
            self._subscriptions.unsubscribe(ENDED)
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)

    async def _keep_hearing(self) -> None:
        while True:
            try:
                while await self._hear() == READ_COUNT:
                    pass
                await self._bell.wait(LOOK_AGAIN)
            except RunLogUnreachable:
                await asyncio.sleep(PAUSE)
            except Exception:  # the boundary of a task that must not end: no socket would be closed any more
                logger.exception("Hearing of ended grants failed unexpectedly and starts again.")
                await asyncio.sleep(PAUSE)

    async def _hear(self) -> int:
        """Read the next announcements, and pass each on. Returns how many there were."""
        entries = await self._store.ask("XRANGE", ENDED, f"({self._last}", "+", "COUNT", READ_COUNT)
        for entry_id, (_, grant) in entries:
            self._last = entry_id.decode()
            for ended in tuple(self._watchers.get(grant.decode(), ())):
                ended()
        return len(entries)
