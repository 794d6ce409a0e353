"""Loads a session's memory while its lock is being taken, which takes as long as the load itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from chat.domain.messages import Memory
from chat.turns.ports import MemoryPort


class EarlyLoad:
    """Loads the memory of a session for a turn that is about to begin.

    A turn must see the exchange of the turn before it. That exchange was appended before its run ended, so it is in
    the loaded memory unless that run ended after this load began.
    """

    def __init__(self, memory: MemoryPort, memory_id: str) -> None:
        self._begun = time.monotonic()
        self._task = asyncio.create_task(memory.get_memory(memory_id), name="early load")
        self._task.add_done_callback(_ignore_error)

    def if_idle(self, seconds: float | None) -> Awaitable[Memory] | None:
        """The load, if the session's last run ended before the load began; otherwise cancels it and returns None.

        ``seconds``: the time between that run's end and taking the lock; None if the run is no longer known.
        """
        if seconds is None or seconds > time.monotonic() - self._begun:
            return self._task
        self.cancel()
        return None

    def cancel(self) -> None:
        """Cancel the load."""
        self._task.cancel()


def _ignore_error(task: asyncio.Task[Memory]) -> None:
    """Keep asyncio from logging an error that no turn is waiting for."""
    if not task.cancelled():
        task.exception()
