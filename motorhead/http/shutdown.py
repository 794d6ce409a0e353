"""Stopping the process: requests that wait for a model end at once, others may finish."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from motorhead.exceptions import Stopped

STOPPED = "The memory server is being stopped; ask again in a moment."


class Stopping:
    """Whether the process is being stopped, and which requests are cancelled then."""

    def __init__(self) -> None:
        self.begun = False
        self._cancellable: set[asyncio.Task[Any]] = set()

    @contextmanager
    def cancelled_on_stop(self) -> Iterator[None]:
        """A block that may wait for long: ``begin`` cancels a task inside it. Raises `Stopped`: it has begun."""
        if self.begun:
            raise Stopped(STOPPED)
        task = cast("asyncio.Task[Any]", asyncio.current_task())  # every request is answered in a task
        self._cancellable.add(task)
        try:
            yield
        finally:
            self._cancellable.discard(task)

    def begin(self) -> None:
        """Begin to stop the process: cancel the requests that wait."""
        self.begun = True
        for task in self._cancellable:
            task.cancel()
