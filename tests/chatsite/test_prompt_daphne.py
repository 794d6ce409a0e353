"""Frames that are written without the reactor, on a connection whose reactor only notes what it is asked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Connection

from chatsite.prompt_daphne import MOST_WAITING, PromptSocket, _share_settings

#: More than the kernel takes at once.
MUCH = b"0123456789abcdef" * 2**18


class NotingReactor:
    """A reactor that notes who waits to be written to."""

    def __init__(self) -> None:
        self.writers: set[Any] = set()

    def addWriter(self, writer: Any) -> None:  # noqa: N802
        self.writers.add(writer)

    def removeWriter(self, writer: Any) -> None:  # noqa: N802
        self.writers.discard(writer)

    def removeReader(self, reader: Any) -> None:  # noqa: N802
        """Nothing is read."""


class Ends:
    """Both ends of a websocket's connection."""

    def __init__(self) -> None:
        here, self.there = socket.socketpair()
        here.setblocking(False)
        self.there.setblocking(False)
        self.reactor = NotingReactor()
        self.protocol: Any = cast(Any, PromptSocket)()
        self.transport: Any = cast(Any, Connection)(here, self.protocol, self.reactor)
        self.transport.connected = True
        self.protocol.transport = self.transport

    def received(self) -> bytes:
        """What the other end can read now."""
        parts = []
        try:
            while part := self.there.recv(2**20):
                parts.append(part)
        except BlockingIOError:
            pass
        return b"".join(parts)


@pytest.fixture
def ends() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    ends.transport.socket.close()
    ends.there.close()


async def test_frames_of_a_moment_are_written_at_its_end(ends: Ends) -> None:
    """They are written in their order, together, and without the reactor."""
    ends.protocol.sendData(b"one ")
    ends.protocol.sendData(b"two")
    assert ends.received() == b""
    await asyncio.sleep(0)
    assert ends.received() == b"one two"
    assert not ends.reactor.writers


async def test_what_the_kernel_does_not_take_waits_for_the_reactor(ends: Ends) -> None:
    """The rest is written by the reactor, and nothing comes before it."""
    ends.protocol.sendData(MUCH)
    ends.protocol.sendData(b"the end")
    await asyncio.sleep(0)
    assert ends.reactor.writers == {ends.transport}
    received = ends.received()
    while ends.reactor.writers:
        ends.transport.doWrite()
        received += ends.received()
    assert received == MUCH + b"the end"


async def test_what_is_much_is_not_kept(ends: Ends) -> None:
    """Twisted gets a long answer in the same moment: it reports when a client reads too slowly."""
    for _ in range(2 * len(MUCH) // MOST_WAITING):
        ends.protocol.sendData(b"x" * MOST_WAITING)
    assert ends.transport.dataBuffer or ends.transport._tempDataLen


async def test_an_end_comes_behind_the_last_frame(ends: Ends) -> None:
    """A connection that is ended at once has its last frame written before."""
    ends.protocol.sendData(b"goodbye")
    ends.protocol._closeConnection = lambda abort: ends.transport.stopWriting()
    ends.protocol.state, ends.protocol.wasClean = PromptSocket.STATE_CLOSING, True
    ends.protocol.peer, ends.protocol.is_closed = "somebody", Deferred()
    ends.protocol.dropConnection()
    assert ends.received() == b"goodbye"


async def test_a_client_that_has_left_is_left_to_the_reactor(ends: Ends) -> None:
    """A frame for a client that is gone raises nothing; the reactor notices, too."""
    ends.there.close()
    ends.protocol.sendData(b"anybody?")
    await asyncio.sleep(0)
    assert ends.reactor.writers == {ends.transport}
    assert isinstance(ends.transport.doWrite(), Exception)


def test_an_open_socket_has_forgotten_its_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the request nor its headers, with cookies and tokens, stay in memory while the socket is open."""
    monkeypatch.setattr(WebSocketProtocol, "onOpen", lambda self: None)
    opened: Any = cast(Any, PromptSocket)()
    opened.http_request_data, opened.http_headers = b"GET / HTTP/1.1\r\nCookie: secret", {"cookie": "secret"}
    opened.onOpen()
    assert (opened.http_request_data, opened.http_headers) == (b"", {})


async def test_what_is_to_be_written_in_parts_is_left_to_autobahn(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes behind what was given before, and what follows comes behind it."""
    monkeypatch.setattr(ends.protocol, "_trigger", lambda: None)
    ends.protocol.sendData(b"first")
    ends.protocol.sendData(b"in parts", chopsize=4)
    ends.protocol.sendData(b"last")
    assert ends.received() == b"first"
    assert b"".join(data for data, _ in ends.protocol.send_queue) == b"in partslast"


def test_sockets_share_the_settings_of_their_factory(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket has a copy of them, and functions among them are called as those of the factory."""
    monkeypatch.setattr(PromptSocket, "CONFIG_ATTRS", ("maxMessagePayloadSize", "perMessageCompressionAccept"))
    for name in PromptSocket.CONFIG_ATTRS:
        monkeypatch.setattr(PromptSocket, name, None, raising=False)

    def accept(offers: list[str]) -> int:
        return len(offers)

    _share_settings(SimpleNamespace(maxMessagePayloadSize=7, perMessageCompressionAccept=accept))
    opened: Any = cast(Any, PromptSocket)()
    assert (opened.maxMessagePayloadSize, opened.perMessageCompressionAccept(["deflate"])) == (7, 1)
    assert not {"maxMessagePayloadSize", "perMessageCompressionAccept"} & set(vars(opened))
    assert not PromptSocket.CONFIG_ATTRS
