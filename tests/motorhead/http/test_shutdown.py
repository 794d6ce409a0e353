"""What happens to requests when the process is stopped."""

from __future__ import annotations

import asyncio

import pytest

from motorhead.exceptions import Stopped
from motorhead.http.shutdown import Stopping


async def test_what_waits_is_cancelled_and_the_rest_is_left() -> None:
    """Only tasks inside the block when the stop begins are cancelled; a task that has left it goes on."""
    stopping = Stopping()
    waiting, left = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        with stopping.cancelled_on_stop():
            waiting.set()
            await asyncio.Event().wait()

    async def leave() -> str:
        with stopping.cancelled_on_stop():
            pass
        left.set()
        await asyncio.sleep(0)
        return "answered"

    patient, quick = asyncio.create_task(wait()), asyncio.create_task(leave())
    await waiting.wait()
    await left.wait()
    stopping.begin()
    assert stopping.begun
    with pytest.raises(asyncio.CancelledError):
        await patient
    assert await quick == "answered"


async def test_nothing_begins_to_wait_after_the_end_has_begun() -> None:
    """A request that arrives after the stop has begun gets its error at once."""
    stopping = Stopping()
    stopping.begin()
    with pytest.raises(Stopped, match="being stopped"), stopping.cancelled_on_stop():
        pytest.fail("The block was entered.")
