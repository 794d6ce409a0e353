"""The limit on a model's silence."""

from __future__ import annotations

import asyncio

import pytest

from chat.model.silence import limited
from tests.support.servers import PATIENCE

SHORT = 0.5 * PATIENCE


async def test_silence_ends_the_wait() -> None:
    """A wait for the model is ended after ``patience`` seconds, with a `TimeoutError`."""
    with pytest.raises(TimeoutError):
        async with limited(SHORT):
            await asyncio.Event().wait()


async def test_each_piece_begins_the_count_again() -> None:
    """Waits that together take longer than the patience are not silence, if pieces come between them."""
    begun = asyncio.get_running_loop().time()
    async with limited(SHORT) as silence:
        for _ in range(5):
            await asyncio.sleep(SHORT / 4)
            silence.heard()
            silence.listen()
    assert asyncio.get_running_loop().time() - begun > SHORT


async def test_the_readers_time_does_not_count() -> None:
    """A reader may take longer with a piece than the model may be silent."""
    async with limited(SHORT) as silence:
        silence.heard()
        await asyncio.sleep(2 * SHORT)
        silence.listen()


async def test_a_cancellation_passes_through() -> None:
    """A task that is cancelled while it waits is cancelled, not silent."""

    async def wait() -> None:
        async with limited(60):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
