"""A bound on how many folds are under way at once, those in the background and those that a caller waits for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from motorhead.exceptions import Overloaded


class Places:
    """``count`` places. A place that is given back goes to whoever waits longest before it is free for others."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.taken = 0

    @property
    def free(self) -> bool:
        """Whether one can be taken now."""
        return self.taken < self._count

    def take(self) -> None:
        """Take a place that is free."""
        self.taken += 1

    def give_back(self) -> None:
        """Give a place back."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)  # the place changes hands: it is never free in between
                return
        self.taken -= 1

    @asynccontextmanager
    async def held(self, patience: float) -> AsyncIterator[None]:
        """Hold a place for the block; Overloaded if none could be had within ``patience`` seconds."""
        if self.free:
            self.take()
        else:
            await self._wait(patience)
        try:
            yield
        finally:
            self.give_back()

    async def _wait(self, patience: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(patience):
                await waiter
        except TimeoutError:
            self._decline(waiter)
            raise Overloaded(
                f"As many folds are under way as may be at once ({self._count}); ask again in a moment."
            ) from None
        except asyncio.CancelledError:
            self._decline(waiter)
            raise

    def _decline(self, waiter: asyncio.Future[None]) -> None:
        """Give the place on, if it came in the very moment of giving up."""
        if not waiter.cancelled():
            self.give_back()
