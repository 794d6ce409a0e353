"""How late an event loop is: what every request and every token waits for besides its own work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

#: Upper bounds of a histogram of it, in seconds.
LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
#: Seconds between two looks.
PAUSE = 1.0


async def watch_loop(observe: Callable[[float], None], *, pause: float = PAUSE) -> None:
    """Call ``observe`` with the seconds by which the loop is late, once in ``pause`` seconds, until cancelled."""
    now = asyncio.get_running_loop().time
    while True:
        due = now() + pause
        await asyncio.sleep(pause)
        observe(max(0.0, now() - due))
