"""How late an event loop is."""

from __future__ import annotations

import asyncio
import time

from telemetry.loop_lag import watch_loop


async def test_a_blocked_loop_is_late() -> None:
    """A piece of work that holds the loop makes the next look as late as it took."""
    found: asyncio.Queue[float] = asyncio.Queue()
    watching = asyncio.create_task(watch_loop(found.put_nowait, pause=0.01))
    assert await found.get() >= 0
    time.sleep(0.2)  # noqa: ASYNC251 - to hold the loop is the point
    assert await found.get() >= 0.15
    watching.cancel()
