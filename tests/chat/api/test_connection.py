"""What ends with a client's connection."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any, cast

import pytest
from django.http import StreamingHttpResponse

from chat.api.connection import StopWhenLeft, streamed
from chat.api.openai.reading import Reading
from chat.domain.events import TextDelta, TurnFinished
from chat.domain.session_ids import owned_session
from tests.chat.api.scripted_runs import ScriptedRuns

SESSION = owned_session("bob", "s")


async def two() -> AsyncGenerator[bytes]:
    yield b"one"
    yield b"two"


class Held:
    """What a request holds."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.closed = asyncio.Event()
        self.stack.callback(self.closed.set)

    def response(self) -> StreamingHttpResponse:
        return streamed(two(), self.stack)


async def test_a_stream_holds_until_its_end():
    """It is passed on unchanged and at once."""
    held = Held()
    response = held.response()
    assert (response["Content-Type"], response["X-Accel-Buffering"]) == ("text/event-stream", "no")
    assert [part async for part in cast(Any, response)] == [b"one", b"two"]
    assert held.closed.is_set()


async def test_a_stream_that_never_begins_holds_nothing():
    """The client may leave before the first event."""
    held = Held()
    held.response()
    gc.collect()
    await held.closed.wait()


@pytest.mark.parametrize("kind", [asyncio.CancelledError, GeneratorExit])
async def test_a_client_that_leaves_stops_its_turn_if_it_said_so(kind: type[BaseException]):
    """Not one that has read the end, nor one whose request has failed."""
    runs = ScriptedRuns(TextDelta("Hi."), TurnFinished("Hi."))
    reading = Reading(runs.tail(SESSION, "t"), asyncio.Future())
    stop = StopWhenLeft(cast(Any, runs), SESSION, "t", reading)
    await reading.next()
    for other in (None, ZeroDivisionError):
        await stop(other, None, None)
    assert runs.stopped == []
    await stop(kind, None, None)
    await reading.next()
    await stop(kind, None, None)
    assert runs.stopped == ["t"]
    await reading.aclose()
