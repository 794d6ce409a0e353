"""Batching of waiting events."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator

import pytest

from chat.sockets.batches import batched


async def numbers(*steps: int | asyncio.Event | Exception) -> AsyncGenerator[int]:
    for step in steps:
        if isinstance(step, asyncio.Event):
            await step.wait()
        elif isinstance(step, Exception):
            raise step
        else:
            yield step


async def test_what_came_meanwhile_comes_in_one_list():
    """The first item comes at once, and all items since then in the next list."""
    gate = asyncio.Event()
    batches = batched(numbers(1, 2, gate, 3))
    assert await anext(batches) == [1, 2]
    gate.set()
    assert [batch async for batch in batches] == [[3]]


async def test_items_that_come_while_none_is_taken_are_one_batch():
    """Items that came after the last list, before the next one is taken, come in one list."""
    go_on = asyncio.Event()
    batches = batched(numbers(1, go_on, 2, 3))
    assert await anext(batches) == [1]
    go_on.set()
    assert await anext(batches) == [2, 3]
    with pytest.raises(StopAsyncIteration):
        await anext(batches)


async def test_what_came_before_an_error_is_not_lost():
    """Items before an error are given first."""
    batches = batched(numbers(1, ValueError("over")))
    assert await anext(batches) == [1]
    with pytest.raises(ValueError, match="over"):
        await anext(batches)


async def test_closing_it_closes_its_source():
    """Closing the batches closes their source."""
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


async def test_it_keeps_nothing_that_it_has_given():
    """It keeps no reference to items that it has given."""

    class Said:
        pass

    async def source() -> AsyncGenerator[Said]:
        yield Said()
        await asyncio.Event().wait()

    batches = batched(source())
    (said,) = await anext(batches)
    seen = weakref.ref(said)
    del said
    gc.collect()
    assert seen() is None
    await batches.aclose()
