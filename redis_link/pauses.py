"""How long a link waits between two tries to connect, and a command for the link."""

from __future__ import annotations

import asyncio
import logging
import random

from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)

#: Seconds that a command waits for a reconnection before it fails.
RECONNECT_GRACE = 1.0
#: The longest pause between two tries: shorter than that, so that a waiting command finds a Redis that is back.
SLOWEST_RECONNECT = RECONNECT_GRACE / 2
#: Seconds before the second try.
FIRST_PAUSE = 0.02


async def pause_after(error: StoreError, delay: float) -> float:
    """Pause before the next try to connect, for up to ``delay`` seconds. Returns the delay of the pause after that."""
    logger.warning("%s Next try in %.2f s.", error, delay)
    await asyncio.sleep(delay * random.uniform(0.5, 1))
    return min(delay * 2, SLOWEST_RECONNECT)
