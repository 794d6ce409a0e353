"""A limit on concurrent folds, shared by the background and folds on demand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from motorhead.exceptions import Overloaded


class Slots:
    """``count`` slots, one per fold under way. A released slot goes to the caller that has waited longest."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.in_use = 0

    @property
    def free(self) -> bool:
        """Whether a slot can be acquired now."""
        return self.in_use < self._count

    def acquire(self) -> None:
        """Take a free slot."""
        self.in_use += 1

    def release(self) -> None:
        """Give a slot back."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)  # the slot is handed over and never free in between
                return
        self.in_use -= 1

    @asynccontextmanager
    async def held(self, patience: float) -> AsyncIterator[None]:
        """Hold a slot for the block.

        Raises `Overloaded`: no slot became free within ``patience`` seconds.
        """
        if self.free:
            self.acquire()
        else:
            await self._wait(patience)
        try:
            yield
        finally:
            self.release()

    async def _wait(self, patience: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(patience):
                await waiter
        except TimeoutError:
            self._decline(waiter)
            raise Overloaded(f"All slots for folds are in use ({self._count}); ask again in a moment.") from None
        except asyncio.CancelledError:
            self._decline(waiter)
            raise

    def _decline(self, waiter: asyncio.Future[None]) -> None:
        """Pass the slot on if it arrived just as the caller gave up."""
        if not waiter.cancelled():
            self.release()
