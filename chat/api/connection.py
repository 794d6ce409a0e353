"""A client's connection, over which an answer streams: what ends with it, and when."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Protocol

from django.http import StreamingHttpResponse

from chat.domain.exceptions import RunLogUnreachable
from chat.domain.session_ids import Session
from chat.runs.runs import Runs

#: How a view learns that its client has left: it is cancelled, or what it has returned is closed.
LEFT = (asyncio.CancelledError, GeneratorExit)
#: Seconds of silence after which a comment shows that the connection is alive.
SILENCE = 10.0
COMMENT = b": the answer goes on\n\n"
#: Proxies pass each event on at once, unchanged.
UNBUFFERED = {"X-Accel-Buffering": "no"}


def streamed(events: AsyncGenerator[bytes], held: AsyncExitStack) -> StreamingHttpResponse:
    """A stream of server-sent ``events``, at whose end ``held`` is closed, even if it is never begun."""
    response = StreamingHttpResponse(_until_closed(events, held), content_type="text/event-stream", headers=UNBUFFERED)
    loop = asyncio.get_running_loop()

    def close() -> None:
        with suppress(RuntimeError):  # the process ends
            loop.call_soon_threadsafe(lambda: loop.create_task(held.aclose()))

    weakref.finalize(response, close).atexit = False
    return response


async def _until_closed(events: AsyncGenerator[bytes], held: AsyncExitStack) -> AsyncGenerator[bytes]:
    async with held, aclosing(events):
        async for event in events:
            yield event
            del event


class Ends(Protocol):
    """Reads a turn. ``ended``: its last event was read."""

    ended: bool


class StopWhenLeft:
    """An exit callback that stops the turn if its client leaves before the end."""

    def __init__(self, runs: Runs, session: Session, turn_id: str, reading: Ends) -> None:
        self._runs = runs
        self._turn = session, turn_id
        self._reading = reading

    async def __call__(self, kind: type[BaseException] | None, error: object, traceback: object) -> None:
        """Stop the turn, unless its end was read or the client is still there."""
        if kind is not None and issubclass(kind, LEFT) and not self._reading.ended:
            with suppress(RunLogUnreachable):  # then it goes on, as for others
                await self._runs.stop(*self._turn)
