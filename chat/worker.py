"""What a web worker does besides answering requests: sweep for lapsed runs, and let go of its own when it ends."""

from __future__ import annotations

import asyncio
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from chat.components import components

#: Seconds that letting go of runs may hold up the end of the process.
FAREWELL = 2.0


def prepare() -> None:
    """Build the parts and hook into Daphne's reactor, which runs the asyncio loop of this process."""
    components()
    hooks: Any = reactor
    hooks.callLater(0, _begin)
    # Daphne is gone a tenth of a second after SIGTERM and cancels nothing: this is the moment to speak up.
    hooks.addSystemEventTrigger("before", "shutdown", _end)


_sweeping: list[asyncio.Task[None]] = []


def _begin() -> None:
    _sweeping.append(asyncio.create_task(components().runs.keep_sweeping(), name="sweep"))


def _end() -> Deferred[None]:
    return Deferred.fromFuture(asyncio.ensure_future(_farewell()))


async def _farewell() -> None:
    for task in _sweeping:
        task.cancel()
    try:
        async with asyncio.timeout(FAREWELL):
            await components().runs.abandon()
    except TimeoutError:
        pass  # the leases lapse by themselves
