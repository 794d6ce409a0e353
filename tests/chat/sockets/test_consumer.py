"""The behaviour of every socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat.domain.exceptions import ChatError, InvalidFrame, TooManyFrames
from chat.sockets import consumer as consumers
from chat.sockets.consumer import BROKEN, UNREAD, SocketConsumer
from chat.sockets.frame_limit import FRAMES_A_MINUTE, REFUSED_FRAMES
from chat.sockets.present import RESTARTING, PresentSockets
from chat.web.asker import asker
from tests.support.servers import PATIENCE

SOON = 15 * PATIENCE


class Echo(SocketConsumer):
    """Echoes frames in a task, refuses "no", raises at "break", and closes at "close"."""

    async def take(self, text: str) -> None:
        match text:
            case "no":
                raise InvalidFrame("no_text")
            case "break":
                self._spawn(self._break())
                self._spawn(self._break())
            case "close":
                await self.close(4000)
            case "wait":
                self._spawn(self._wait())
            case _:
                self._spawn(self._put(text))

    async def refuse(self, text: str, error: ChatError) -> None:
        await self._put(f"refused {text!r}: {error.code}")

    async def _break(self) -> None:
        raise ValueError("a fault")

    async def _wait(self) -> None:
        await self._put("waiting")
        await asyncio.Event().wait()


class Wire:
    """The server's side of a socket, which raises ``error``, if given, for everything that is sent."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.error: Exception | None = None

    async def send(self, message: dict[str, Any]) -> None:
        if self.error is not None:
            raise self.error
        await self.outbox.put(message)

    def put(self, **frame: Any) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", **frame})

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.outbox.get(), SOON)


@asynccontextmanager
async def open_socket(kind: type[Echo] = Echo) -> AsyncIterator[Wire]:
    """An accepted socket, open inside the block."""
    wire = Wire()
    consumer = kind(cast(Any, SimpleNamespace))
    serving = asyncio.create_task(consumer({"type": "websocket"}, wire.inbox.get, wire.send))
    wire.inbox.put_nowait({"type": "websocket.connect"})
    assert (await wire.next())["type"] == "websocket.accept"
    yield wire
    wire.inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait_for(serving, SOON)


async def test_a_process_that_ends_sends_clients_elsewhere(monkeypatch: pytest.MonkeyPatch):
    """The handshake is accepted, with an offer of the client, because browsers do not see why one is refused."""
    sockets = PresentSockets()
    monkeypatch.setattr(consumers, "present_sockets", lambda: sockets)
    sockets.leaving = True
    wire = Wire()
    scope = {"type": "websocket", "subprotocols": ["bearer.secret", "ai-sdk.v1"]}
    serving = asyncio.create_task(Echo(cast(Any, SimpleNamespace))(scope, wire.inbox.get, wire.send))
    wire.inbox.put_nowait({"type": "websocket.connect"})
    assert (await wire.next())["subprotocol"] == "ai-sdk.v1"
    assert await wire.next() == {"type": "websocket.close", "code": RESTARTING}
    wire.inbox.put_nowait({"type": "websocket.disconnect", "code": RESTARTING})
    await asyncio.wait_for(serving, SOON)
    assert len(sockets) == 0


async def test_frames_are_taken_or_refused():
    """Frames are handled or refused, binary ones always refused, and the socket stays open."""
    async with open_socket() as wire:
        for frame in ({"text": "no"}, {"bytes": b"no"}, {"text": "hi"}):
            wire.put(**frame)
        said = [(await wire.next())["text"] for _ in range(3)]
    assert said == ["refused 'no': invalid_frame", "refused '': invalid_frame", "hi"]


async def test_work_that_breaks_closes_the_socket_once(caplog: pytest.LogCaptureFixture):
    """Unexpected errors close the socket once and are logged."""
    async with open_socket() as wire:
        wire.put(text="break")
        assert await wire.next() == {"type": "websocket.close", "code": BROKEN}
    assert wire.outbox.empty()
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


async def test_a_socket_that_is_closed_neither_hears_nor_speaks():
    """After a close nothing is received or sent."""
    async with open_socket() as wire:
        for text in ("close", "hi", "close"):
            wire.put(text=text)
        assert await wire.next() == {"type": "websocket.close", "code": 4000}
    assert wire.outbox.empty()


@pytest.mark.parametrize("error", [ConnectionResetError(), RuntimeError("not connected")])
async def test_a_client_that_has_just_left_is_no_error(error: Exception, caplog: pytest.LogCaptureFixture):
    """Errors of sending to a client that has just left are ignored."""
    async with open_socket() as wire:
        wire.error = error
        for text in ("hi", "close"):
            wire.put(text=text)
    assert caplog.text == ""


class FullConnection:
    """Daphne's connection with a client that never reads."""

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802
        producer.pauseProducing()

    def unregisterProducer(self) -> None:  # noqa: N802
        pass


@asynccontextmanager
async def unread_socket() -> AsyncIterator[Wire]:
    """A socket whose client does not read, open inside the block."""
    wire = Wire()

    async def send(connection: FullConnection, message: dict[str, Any]) -> None:
        await wire.send(message)

    serving = asyncio.create_task(
        Echo(cast(Any, SimpleNamespace))({"type": "websocket"}, wire.inbox.get, partial(send, FullConnection()))
    )
    wire.inbox.put_nowait({"type": "websocket.connect"})
    assert (await wire.next())["type"] == "websocket.accept"
    yield wire
    wire.inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait_for(serving, SOON)


async def test_a_client_that_never_reads_is_disconnected(monkeypatch: pytest.MonkeyPatch):
    """Frames wait for the client, and after a while the socket is closed without them."""
    monkeypatch.setattr(consumers, "UNREAD_FOR", 0.01)
    async with unread_socket() as wire:
        for text in ("hi", "hello"):
            wire.put(text=text)
        assert await wire.next() == {"type": "websocket.close", "code": UNREAD}
    assert wire.outbox.empty()


async def test_an_invalid_frame_does_not_wait_for_its_client():
    """A client that does not read and sends an invalid frame is disconnected at once."""
    async with unread_socket() as wire:
        wire.put(text="hi")
        wire.put(text="no")
        wire.put(text="no")
        assert await wire.next() == {"type": "websocket.close", "code": UNREAD}
    assert wire.outbox.empty()


async def test_a_client_that_goes_on_after_refusals_is_disconnected():
    """Frames beyond the limit are refused one by one, then the socket is closed and hears no more."""
    async with open_socket() as wire:
        for _ in range(FRAMES_A_MINUTE + REFUSED_FRAMES + 1):
            wire.put(text="no")
        said = [(await wire.next())["text"] for _ in range(FRAMES_A_MINUTE + REFUSED_FRAMES)]
        assert await wire.next() == {"type": "websocket.close", "code": TooManyFrames.close_code}
    assert said[-REFUSED_FRAMES:] == ["refused 'no': too_many_frames"] * REFUSED_FRAMES
    assert wire.outbox.empty()


async def test_tasks_end_with_their_socket():
    """A socket's tasks end with it."""
    before = asyncio.all_tasks()
    async with open_socket() as wire:
        wire.put(text="wait")
        assert (await wire.next())["text"] == "waiting"
    assert asyncio.all_tasks() == before


class OfBob(Echo):
    """A socket of Bob, which says who is known to ask."""

    async def connect(self) -> None:
        await self.accept()
        self.admit("bob")

    async def take(self, text: str) -> None:
        self._spawn(self._say_who())

    async def _say_who(self) -> None:
        await self._put(asker().visitor)


async def test_it_is_known_who_asks():
    """In all tasks of the socket, so that its visitor waits for them, instead of everybody else."""
    async with open_socket(OfBob) as wire:
        wire.put(text="who?")
        assert (await wire.next())["text"] == "bob"


async def test_a_frame_needs_no_thread(monkeypatch: pytest.MonkeyPatch):
    """A socket uses no connection to the database, so none is looked for in a thread before each frame."""
    looked: list[str] = []

    async def look() -> None:
        looked.append("for old connections")

    monkeypatch.setattr("channels.consumer.aclose_old_connections", look)
    async with open_socket() as wire:
        wire.put(text="hi")
        assert (await wire.next())["text"] == "hi"
    assert looked == []
