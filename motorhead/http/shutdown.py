"""The end of the process, as requests see it: those that wait for a model end at once, others in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from motorhead.exceptions import Stopped

STOPPED = "The memory server is being stopped; ask again in a moment."


class Stopping:
    """Whether the process is being stopped, and which requests do not outlast that."""

    def __init__(self) -> None:
        self.begun = False
        self._cancellable: set[asyncio.Task[Any]] = set()

    @contextmanager
    def cancelled_on_stop(self) -> Iterator[None]:
        """For a block that may wait long: ``begin`` cancels the task that is in it. Stopped if that was before."""
        if self.begun:
            raise Stopped(STOPPED)
        task = cast("asyncio.Task[Any]", asyncio.current_task())  # every request is answered in one
        self._cancellable.add(task)
        try:
            yield
        finally:
            self._cancellable.discard(task)

    def begin(self) -> None:
        """The process is being stopped from now on."""
        self.begun = True
        for task in self._cancellable:
            task.cancel()
