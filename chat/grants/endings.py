"""Announces in every process that a grant has ended, so that its open sockets are closed.

The announcements are a short stream in Redis. A process that lost its connection reads on where it was, so none is
missed. It reads the whole stream at its start: a grant that has ended does not come back.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: The stream of ended grants.
ENDED = "chat:grants:ended"
#: Entries that are kept, at least.
KEPT = 10_000
#: Seconds for which one read waits.
WAIT = 20
#: Seconds before reading again after a failure.
PAUSE = 0.5

#: Called when a grant has ended.
Ended: TypeAlias = Callable[[], None]


def announcement(grant: str) -> tuple[Any, ...]:
    """The command that announces the end of a grant."""
    return "XADD", ENDED, "MAXLEN", "~", KEPT, "*", "grant", grant


class Endings:
    """All grants of a process on which sockets depend. ``client`` must not have a read time-out."""

    def __init__(self, client: Redis) -> None:
        self._redis: Any = client  # its annotations are unions over all of its modes
        self._watchers: defaultdict[str, set[Ended]] = defaultdict(set)
        self._last = "0-0"
        self._hearing: asyncio.Task[None] | None = None
        self._closed = False

    def watch(self, grants: Sequence[str], ended: Ended) -> None:
        """Call ``ended`` when one of ``grants`` ends, until `unwatch`. Watch first, then check that they hold."""
        if self._hearing is None:
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
        self._closed = True
        if self._hearing is not None:
            self._hearing.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([self._hearing])

    async def _keep_hearing(self) -> None:
        while not self._closed:
            try:
                async with asyncio.timeout(WAIT + 5):
                    await self._hear()
            except (RedisError, OSError):  # a time-out is one as well
                await asyncio.sleep(PAUSE)
            except Exception:  # the boundary of a task that must not end: no socket would be closed any more
                logger.exception("Hearing of ended grants failed unexpectedly and starts again.")
                await asyncio.sleep(PAUSE)

    async def _hear(self) -> None:
        """Read the next announcements, and pass each on."""
        streams = await self._redis.xread({ENDED: self._last}, block=WAIT * 1000)
        for _, entries in streams:
            for entry_id, fields in entries:
                self._last = entry_id
                for ended in tuple(self._watchers.get(fields[b"grant"].decode(), ())):
                    ended()
