"""Tasks end, also those that lose a cancellation; and what waits is taken together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from chat.sockets.batches import batched
from chat.sockets.tasks import end_all
from tests.support.servers import PATIENCE

SOON = 10 * PATIENCE


async def test_a_task_that_loses_a_cancellation_is_cancelled_again():
    """As redis-py's waits do now and then up to Python 3.11."""

    async def forgetful() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(forgetful())
    await asyncio.sleep(0)
    await asyncio.wait_for(end_all([task]), SOON)
    assert task.cancelled()


async def test_how_a_task_ends_is_its_own_affair():
    """One that has ended already, or ends with an error, is ended all the same."""

    async def wrong() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    tasks = [asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(wrong())]
    await asyncio.sleep(0)
    await asyncio.wait_for(end_all(tasks), SOON)
    assert isinstance(tasks[1].exception(), ValueError)


async def test_what_came_while_nobody_took_is_one_batch():
    """The first item is given at once, the rest together."""
    go_on = asyncio.Event()

    async def source() -> AsyncGenerator[int]:
        yield 1
        await go_on.wait()
        yield 2
        yield 3

    batches = batched(source())
    assert await anext(batches) == [1]
    go_on.set()
    assert await anext(batches) == [2, 3]
    with pytest.raises(StopAsyncIteration):
        await anext(batches)


async def test_a_source_that_breaks_breaks_the_batches_after_what_it_gave():
    """Nothing that came before the error is lost."""

    async def source() -> AsyncGenerator[int]:
        yield 1
        raise ValueError

    batches = batched(source())
    assert await anext(batches) == [1]
    with pytest.raises(ValueError):  # noqa: PT011 - the source's own
        await anext(batches)


async def test_closing_the_batches_closes_the_source():
    """Nobody goes on listening for a page that is gone."""
    closed = asyncio.Event()

    async def source() -> AsyncGenerator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.set()

    batches = batched(source())
    await anext(batches)
    await batches.aclose()
    assert closed.is_set()
