"""How long to go on trying after the site was lost."""

from __future__ import annotations

import asyncio
import random
import time

from chat_client.exceptions import ChatError

#: Seconds of the first and of the longest pause.
FIRST, LONGEST = 0.1, 5.0


class Patience:
    """Pauses that grow, for ``seconds`` from the first loss since anything came."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None
        self._pauses = 0

    def renew(self) -> None:
        """Note that something has come."""
        self._since, self._pauses = None, 0

    async def pause(self, cause: ChatError) -> None:
        """Wait until the next try. Raises ``cause``: patience has run out."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if now - self._since >= self._seconds:
            raise cause
        pause = min(LONGEST, FIRST * 2**self._pauses)
        self._pauses += 1
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # many clients were lost at the same moment
