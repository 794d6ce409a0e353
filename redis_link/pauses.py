"""How long a link waits between two tries to connect, and a command for the link."""

from __future__ import annotations

import asyncio
import logging
import random
from time import monotonic

from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)

#: Seconds that a command waits for a reconnection before it fails.
RECONNECT_GRACE = 1.0
#: The longest pause between two tries: shorter than that, so that a waiting command finds a Redis that is back.
SLOWEST_RECONNECT = RECONNECT_GRACE / 2
#: Seconds before the second try.
FIRST_PAUSE = 0.02
#: Seconds before the log repeats why no try succeeds.
SAY_AGAIN = 60.0


class Pauses:
    """The pauses between tries to connect, each longer than the one before up to half a second."""

    def __init__(self) -> None:
        self.next = FIRST_PAUSE
        self._say_again: dict[str, float] = {}

    async def after(self, error: StoreError) -> None:
        """Pause after a try that failed with ``error``, which is logged once a minute."""
        said, now = str(error), monotonic()
        if now > self._say_again.get(said, 0.0):  # several places that are tried in turn may each have one of their own
            self._say_again[said] = now + SAY_AGAIN
            logger.warning("%s Trying again.", error)
        pause, self.next = self.next, min(self.next * 2, SLOWEST_RECONNECT)
        await asyncio.sleep(pause * random.uniform(0.5, 1))
