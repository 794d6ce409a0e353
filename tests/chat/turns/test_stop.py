"""The user's request to stop, and the stream that it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from chat.turns.stop import StopSignal


class Stream:
    """Yields "a", waits until released, and records that it was closed."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.waits = asyncio.Event()
        self.closed = False

    async def say(self) -> AsyncGenerator[str]:
        try:
            yield "a"
            self.waits.set()
            await self.gate.wait()
            yield "b"
        finally:
            self.closed = True


async def read(stop: StopSignal, stream: Stream) -> list[str]:
    return [text async for text in stop.until(stream.say())]


async def test_without_a_stop_request_the_stream_is_whole() -> None:
    """Without a stop request the stream is complete."""
    stream = Stream()
    stream.gate.set()
    assert await read(StopSignal(), stream) == ["a", "b"]
    assert stream.closed


async def test_a_stop_request_ends_a_stream_that_waits() -> None:
    """A stop request ends and closes a waiting stream at once; a second one changes nothing."""
    stop, stream = StopSignal(), Stream()
    reading = asyncio.create_task(read(stop, stream))
    await stream.waits.wait()
    stop.request()
    stop.request()
    assert await reading == ["a"]
    assert stream.closed
    assert not reading.cancelled()


async def test_a_stop_request_before_the_stream_keeps_it_from_starting() -> None:
    """After a stop request the stream does not start."""
    stop, stream = StopSignal(), Stream()
    stop.request()
    assert await read(stop, stream) == []
    assert not stream.waits.is_set()


async def test_a_cancellation_is_not_a_stop_request() -> None:
    """A cancellation passes through, even together with a stop request."""
    for wish in (False, True):
        stop, stream = StopSignal(), Stream()
        reading = asyncio.create_task(read(stop, stream))
        await stream.waits.wait()
        reading.cancel()
        if wish:
            stop.request()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert stream.closed
