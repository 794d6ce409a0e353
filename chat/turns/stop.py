"""The user's request to stop a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar, cast

T = TypeVar("T")


class StopSignal:
    """The user's request to stop, which interrupts a model stream even while it waits for its next piece."""

    def __init__(self) -> None:
        self.requested = False
        self._waiting: asyncio.Task[object] | None = None

    def request(self) -> None:
        """End the stream now, or keep it from starting."""
        if self.requested:
            return
        self.requested = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def until(self, stream: AsyncGenerator[T]) -> AsyncGenerator[T]:
        """``stream``, until a stop is requested. Cancellations from elsewhere pass through."""
        async with aclosing(stream):
            while not self.requested:
                try:
                    piece = await self._next(stream)
                except StopAsyncIteration:
                    return
                if piece is not None:
                    yield piece

    async def _next(self, stream: AsyncGenerator[T]) -> T | None:
        # Cheap, since it needs no timer and no task for each token; asyncio.timeout cancels in the same way.
        task = cast(asyncio.Task[object], asyncio.current_task())
        cancelled_before = task.cancelling()
        self._waiting = task
        try:
            return await anext(stream)
        except asyncio.CancelledError:
            if not self.requested or task.uncancel() > cancelled_before:
                raise
            return None
        finally:
            self._waiting = None
