"""Turns over connections that may be lost: each event once, and each message sent again only as the same turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from chat_client.answer import Answer
from chat_client.connection import Request
from chat_client.connections import Connections
from chat_client.events import Event, MemoryChanged
from chat_client.exceptions import ChatError, NotUnderstood, Unreachable
from chat_client.frames import Chunk, Failure, NoActive, abort_frame, resume_frame, watch_frame
from chat_client.patience import Patience

#: Errors that pass: the answer goes on meanwhile.
PASSING = {"unreachable", "run_log_unreachable"}


class Turns:
    """The turns of one client. ``patience``: seconds for which to try again when the site was lost."""

    def __init__(self, connections: Connections, patience: float) -> None:
        self._connections = connections
        self._patience = patience

    async def answer(self, session: str, frame: Mapping[str, Any], answer: Answer) -> AsyncGenerator[Event]:
        """The events of the turn for which ``frame`` asks, once each, over as many connections as it takes."""
        patience = Patience(self._patience)
        while True:
            try:
                async with aclosing(self._chunks(Request(session, [frame]))) as chunks:
                    async for chunk in chunks:
                        for event in answer.events(chunk):
                            patience.renew()
                            yield event
                return
            except ChatError as error:
                await self._pause(patience, error)
                answer.replay()

    async def memories(self, session: str) -> AsyncGenerator[MemoryChanged]:
        """The memory of ``session``, now and whenever it changes."""
        patience, last = Patience(self._patience), None
        while True:
            try:
                async with aclosing(self._chunks(Request(session, [watch_frame(session)], watches=True))) as chunks:
                    async for chunk in chunks:
                        patience.renew()
                        if (memory := _memory_in(chunk)) != last:
                            last = memory
                            yield memory
                return
            except ChatError as error:
                await self._pause(patience, error)

    async def stop(self, session: str) -> None:
        """Stop the answer in progress, and return once it has ended; without one, do nothing."""
        patience = Patience(self._patience)
        while True:
            try:
                await self._stop(session)
            except ChatError as error:
                await self._pause(patience, error)
            else:
                return

    async def _stop(self, session: str) -> None:
        here = self._connections.requests_of(session)
        for connection, request in here:
            await connection.tell(request, abort_frame())
            await request.over.wait()
            if connection.lost:
                raise Unreachable("The connection was lost before the answer had stopped.")
        if not here:  # the site stops an answer for each of its readers
            request = Request(session, [resume_frame(session), abort_frame()])
            async with aclosing(self._connections.frames(request)) as received:
                async for frame in received:
                    if isinstance(frame, Failure):
                        raise frame.error

    async def _chunks(self, request: Request) -> AsyncGenerator[Mapping[str, Any]]:
        """The chunks that answer the request. Raises its error."""
        async with aclosing(self._connections.frames(request)) as received:
            async for frame in received:
                match frame:
                    case Chunk():
                        yield frame.chunk
                    case Failure():
                        raise frame.error
                    case NoActive():
                        raise ChatError("run_unknown", "There is no answer to resume.")

    async def _pause(self, patience: Patience, error: ChatError) -> None:
        """Wait until the next try. Raises ``error``, if another try would not help or patience has run out."""
        if error.code not in PASSING or not self._connections.reached:
            raise error
        await patience.pause(error)


def _memory_in(chunk: Mapping[str, Any]) -> MemoryChanged:
    try:
        found = chunk["data"]
        return MemoryChanged(found.get("context"), found["messages"], found["folded"], found["fold"])
    except (KeyError, TypeError, AttributeError):
        raise NotUnderstood("The site has sent a memory that has not what it needs.") from None
