"""The order of stops and sends on one socket, whose frames are carried out in tasks of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

#: Returns once certain stops are in effect.
Effective: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class Stops:
    """The stops of a socket that are not yet in effect.

    A message that is sent right after a stop is to be answered when the stopped answer has ended. The run log sees to
    the order if the stop reaches it first.
    """

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: tuple[asyncio.Task[None], ...] = ()  # an empty set takes 200 bytes, on each open socket

    def add(self, task: asyncio.Task[None]) -> None:
        """Another stop, in effect when ``task`` ends."""
        self._tasks = (*self._tasks, task)
        task.add_done_callback(self._remove)

    def so_far(self) -> Effective:
        """A wait for the stops added until now, and not for later ones, which may wait for the send themselves."""
        tasks = self._tasks

        async def effective() -> None:
            if tasks:
                await asyncio.wait(tasks)

        return effective

    def _remove(self, task: asyncio.Task[None]) -> None:
        self._tasks = tuple(each for each in self._tasks if each is not task)
