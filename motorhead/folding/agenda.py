"""Running tasks and delayed calls, all cancelled together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Agenda:
    """Starts tasks and schedules calls until it is closed."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[Hashable, asyncio.TimerHandle] = {}
        self.closed = False

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def later(self, name: Hashable, seconds: float, call: Callable[[], None]) -> None:
        """Make a call in ``seconds``; a pending call of the same name is replaced."""

        def due() -> None:
            del self._timers[name]
            call()

        if self.closed:
            return
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, due)

    async def close(self) -> None:
        """Cancel all tasks and calls, including calls that the tasks schedule while they end."""
        self.closed = True
        for timer in self._timers.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
