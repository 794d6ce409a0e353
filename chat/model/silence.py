"""A limit on a model's silence that costs nothing with each piece of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Silence:
    """Ends ``timeout`` after ``patience`` seconds of waiting for the model. The time of its reader does not count.

    There is one timer for all of an answer: `asyncio.timeout` would need another one after each piece.
    """

    def __init__(self, patience: float, timeout: asyncio.Timeout) -> None:
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._timeout = timeout
        #: Since when the model has been silent; None while its reader has a piece.
        self._since: float | None = self._loop.time()
        self._timer = self._loop.call_later(patience, self._look)

    def heard(self) -> None:
        """A piece has come, and its reader has it now."""
        self._since = None

    def listen(self) -> None:
        """The model is waited for again."""
        self._since = self._loop.time()

    def close(self) -> None:
        """Count no longer."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        left = self._patience - (now - self._since) if self._since is not None else self._patience
        if left <= 0:
            self._timeout.reschedule(now)
        else:
            self._timer = self._loop.call_later(left, self._look)


@asynccontextmanager
async def limited(patience: float) -> AsyncIterator[Silence]:
    """Cancels its block after ``patience`` seconds of silence. Raises `TimeoutError` then."""
    async with asyncio.timeout(None) as timeout:
        silence = Silence(patience, timeout)
        try:
            yield silence
        finally:
            silence.close()
