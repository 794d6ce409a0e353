"""The order of stops and sends on one socket."""

from __future__ import annotations

import asyncio

from chat.sockets.stops import Stops


async def test_a_send_waits_for_the_stops_before_it():
    """Not for those behind it, and not when there are none; the error of a stop is not its own."""
    stops, gate = Stops(), asyncio.Event()

    async def stop() -> None:
        await gate.wait()
        raise ValueError

    await stops.so_far()()
    first = asyncio.create_task(stop())
    stops.add(first)
    waiting = asyncio.create_task(stops.so_far()())
    later = asyncio.create_task(asyncio.sleep(3600))
    stops.add(later)
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    await waiting
    assert isinstance(first.exception(), ValueError)
    later.cancel()
    await asyncio.wait([later])
    await stops.so_far()()
    assert not stops._tasks
