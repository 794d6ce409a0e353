"""Loading a session's memory while its lock is still being taken, which is as long as the load itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from chat.domain.messages import Memory
from chat.turns.ports import MemoryPort


class EarlyLoad:
    """The memory of a session, asked for from now on, for a turn that is about to begin.

    A turn must know what the one before it said. That one's exchange was appended before its run ended, so what is
    loaded now holds it, unless that run ended only after this load began.
    """

    def __init__(self, memory: MemoryPort, memory_id: str) -> None:
        self._begun = time.monotonic()
        self._task = asyncio.create_task(memory.get_memory(memory_id), name="early load")
        self._task.add_done_callback(_ignore_error)

    def if_idle(self, seconds: float | None) -> Awaitable[Memory] | None:
        """The load, if the session's last run ended longer ago than this load began; else None, and it is cancelled.

        ``seconds``: how long ago it ended when the lock was taken. None: longer ago than anybody knows.
        """
        if seconds is None or seconds > time.monotonic() - self._begun:
            return self._task
        self.cancel()
        return None

    def cancel(self) -> None:
        """Nobody wants it any more."""
        self._task.cancel()


def _ignore_error(task: asyncio.Task[Memory]) -> None:
    """Let an error that nobody waits for any more be forgotten in silence."""
    if not task.cancelled():
        task.exception()
