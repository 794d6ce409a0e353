"""Bounds on requests to Daphne, on a connection with a clock of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from pathlib import Path
from socket import create_connection
from typing import Any, ClassVar, cast

import httpx
import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.http import Request

from chat.sessions.imports import LARGEST
from chatsite import bounded_daphne
from chatsite.bounded_daphne import (
    ARRIVAL,
    IMPORT_ARRIVAL,
    LARGEST_BODY,
    LARGEST_IMPORT,
    BoundedChannel,
    at_the_pace_of_clients,
    until_read,
)
from tests.support.servers import PATIENCE, REPOSITORY, Server, free_port, running, start, wait_for_http

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


class Recorded(Request):
    """A request that records the size of its body, and is answered by the test."""

    arrived: ClassVar[list[int]] = []

    def process(self) -> None:
        self.arrived.append(len(self.content.read()) if self.content else 0)


class Connection:
    """A client's end of a connection."""

    def __init__(self) -> None:
        self.clock: Any = Clock()
        self.transport: Any = StringTransport()
        self.channel: Any = cast(Any, BoundedChannel)()
        self.channel.callLater = self.clock.callLater
        self.channel.timeOut = ARRIVAL
        self.channel.requestFactory = Recorded
        self.channel.makeConnection(self.transport)

    @property
    def status(self) -> bytes:
        """The first line of the answer."""
        return bytes(self.transport.value().partition(b"\r\n")[0])


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setattr(Recorded, "arrived", [])
    return Connection()


@pytest.mark.parametrize("sent", [b"", b"POST /", HEAD, HEAD + b"Content-Length: 100\r\n\r\n"])
def test_a_request_arrives_within_its_time(connection: Connection, sent: bytes):
    """A client that goes on sending single bytes of a line, a header or a body is disconnected in the end."""
    connection.channel.dataReceived(sent)
    for _ in range(ARRIVAL):
        assert not connection.transport.disconnecting
        connection.channel.dataReceived(b"x")
        connection.clock.advance(1)
    assert connection.transport.disconnecting
    assert Recorded.arrived == []


def test_each_request_has_its_own_time(connection: Connection):
    """The clock starts again with the first byte after an answer, and stops while a request is answered."""
    for _ in range(3):
        connection.channel.dataReceived(b"GET / HTTP/1.1\r\n")
        connection.clock.advance(ARRIVAL - 1)
        connection.channel.dataReceived(b"Host: localhost\r\n\r\n")
        connection.clock.advance(10 * ARRIVAL)
        connection.channel.requests[0].finish()
        connection.clock.advance(ARRIVAL - 1)
    assert not connection.transport.disconnecting
    assert Recorded.arrived == [0, 0, 0]


def test_a_body_within_the_bound_arrives(connection: Connection):
    """One of the largest size is passed on."""
    connection.channel.dataReceived(HEAD + f"Content-Length: {LARGEST_BODY}\r\n\r\n".encode() + b"x" * LARGEST_BODY)
    assert Recorded.arrived == [LARGEST_BODY]


def test_a_body_announced_as_too_large_is_refused_at_once(connection: Connection):
    """The answer is 413, before the body and without asking for it."""
    length = f"Content-Length: {LARGEST_BODY + 1}\r\nExpect: 100-continue\r\n\r\n"
    connection.channel.dataReceived(HEAD + length.encode())
    assert (connection.status, connection.transport.disconnecting) == (b"HTTP/1.1 413 Content Too Large", True)
    connection.channel.dataReceived(b"x" * (LARGEST_BODY + 1))
    assert Recorded.arrived == []


def test_a_body_that_becomes_too_large_is_refused(connection: Connection):
    """Chunks without a length end in 413 as well, once."""
    connection.channel.dataReceived(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(LARGEST_BODY // 0x10000 + 8):
        connection.channel.dataReceived(CHUNK)
    assert (connection.status, connection.transport.disconnecting) == (b"HTTP/1.1 413 Content Too Large", True)
    assert connection.transport.value().count(b"413") == 1
    assert Recorded.arrived == []


def test_files_to_import_may_be_larger_and_take_longer(connection: Connection):
    """The next request on the connection may not."""
    head = b"POST /chat/sessions/import?x HTTP/1.1\r\nHost: localhost\r\n"
    connection.channel.dataReceived(head + f"Content-Length: {LARGEST_IMPORT}\r\n\r\n".encode())
    connection.clock.advance(IMPORT_ARRIVAL - 1)
    connection.channel.dataReceived(b"x" * LARGEST_IMPORT)
    assert Recorded.arrived == [LARGEST_IMPORT]
    connection.channel.requests[0].finish()
    connection.channel.dataReceived(HEAD + f"Content-Length: {LARGEST_BODY + 1}\r\n\r\n".encode())
    assert b"HTTP/1.1 413 Content Too Large" in connection.transport.value()
    assert Recorded.arrived == [LARGEST_IMPORT]


@pytest.mark.parametrize("length", [f"Content-Length: {LARGEST_IMPORT + 1}", "Transfer-Encoding: chunked"])
def test_a_file_to_import_is_bounded(connection: Connection, length: str):
    """The bound leaves room for the largest file that the site imports, and for the rest of its form."""
    assert LARGEST + 2**19 < LARGEST_IMPORT
    connection.channel.dataReceived(f"POST /sessions/import HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n".encode())
    for _ in range(LARGEST_IMPORT // 0x10000 + 8):
        connection.channel.dataReceived(CHUNK)
    assert (connection.status, connection.transport.disconnecting) == (b"HTTP/1.1 413 Content Too Large", True)
    assert Recorded.arrived == []


async def answered(connection: Connection, *, parts: int) -> tuple[asyncio.Task[None], list[Mapping[str, Any]]]:
    """An answer of some parts to a request on the connection, and what Daphne has got of it so far."""
    connection.channel.dataReceived(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    sent: list[Mapping[str, Any]] = []

    async def send_to(request: object, message: Mapping[str, Any]) -> None:
        sent.append(message)

    async def app(scope: object, receive: object, send: Callable[[Mapping[str, Any]], Any]) -> None:
        for number in range(parts):
            await send({"type": "http.response.body", "body": b"%d" % number})

    serve = at_the_pace_of_clients(cast(Any, app))
    task = asyncio.ensure_future(serve({}, cast(Any, None), partial(send_to, connection.channel.requests[0])))
    await asyncio.sleep(0)
    return task, sent


async def test_an_answer_waits_for_its_reader(connection: Connection):
    """While Twisted's buffer is full, nothing is added, and nothing is lost."""
    connection.channel.pauseProducing()
    task, sent = await answered(connection, parts=3)
    assert sent == []
    connection.channel.resumeProducing()
    await task
    assert [message["body"] for message in sent] == [b"0", b"1", b"2"]


async def test_an_answer_does_not_wait_for_a_client_that_has_left(connection: Connection):
    """Daphne drops what it is given."""
    connection.channel.pauseProducing()
    task, _ = await answered(connection, parts=1)
    connection.channel.connectionLost(Failure(ConnectionError()))
    await task
    await until_read(None)


async def test_a_client_that_does_not_read_is_disconnected(connection: Connection, monkeypatch: pytest.MonkeyPatch):
    """After some time, so that its connection does not hold an answer in memory."""
    monkeypatch.setattr(bounded_daphne, "UNREAD_FOR", 0.01)
    connection.channel.pauseProducing()
    task, _ = await answered(connection, parts=1)
    await task
    assert connection.transport.disconnected


async def test_an_answer_that_breaks_off_ends_its_connection(connection: Connection):
    """So it never looks complete. Daphne itself answers one that has failed before its beginning."""
    for begins in (True, False):
        assert not connection.transport.disconnected
        with nullcontext() if begins else pytest.raises(ZeroDivisionError):
            await failed(connection, begins=begins)
        assert connection.transport.disconnected == begins
        connection = Connection()


async def failed(connection: Connection, *, begins: bool) -> None:
    """Answer a request on the connection with an error, after the beginning of the answer or before."""
    connection.channel.dataReceived(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    async def send_to(request: object, message: Mapping[str, Any]) -> None:
        pass

    async def app(scope: object, receive: object, send: Callable[[Mapping[str, Any]], Any]) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200})
        raise ZeroDivisionError

    serve = at_the_pace_of_clients(cast(Any, app))
    await serve({}, cast(Any, None), partial(send_to, connection.channel.requests[0]))


#: Answers with many parts, and notes when it has handed over the last.
PROGRAM = """
from chatsite.bounded_daphne import at_the_pace_of_clients, bound_requests

bound_requests()

async def app(scope, receive, send):
    parts = 64 if scope["path"] == "/long" else 1
    if scope["path"] == "/fails":
        raise ZeroDivisionError
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(parts):
        await send({"type": "http.response.body", "body": b"x" * 2**20, "more_body": True})
    if scope["path"] == "/breaks-off":
        raise ZeroDivisionError
    await send({"type": "http.response.body"})
    print("handed over", parts, flush=True)

application = at_the_pace_of_clients(app)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Daphne with the program."""
    (tmp_path / "program.py").write_text(PROGRAM)
    port = free_port()
    command = [sys.executable, "-m", "daphne", "--verbosity", "0", "--port", str(port), "program:application"]
    env = {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{tmp_path}", "CHAT_DATA": str(tmp_path)}
    server = start(command, f"http://127.0.0.1:{port}", log=tmp_path / "log", env=env, cwd=tmp_path)
    with running(server):
        wait_for_http(server)
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """A client of the program."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30 * PATIENCE) as client:
        yield client


def test_daphne_collects_no_answer_that_is_not_read(server: Server, client: httpx.Client):
    """It would otherwise hold all of it by the time it answers another request."""
    with client.stream("GET", "/long") as answer:
        client.get("/short")
        assert "handed over 64" not in server.log.read_text()
        assert sum(map(len, answer.iter_bytes())) == 64 * 2**20


def test_daphne_looks_after_connections_when_an_answer_has_broken_off(client: httpx.Client):
    """The client of that one does not wait, and one that has failed before its beginning is answered as before."""
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.get("/breaks-off")
    assert client.get("/fails").status_code == HTTPStatus.INTERNAL_SERVER_ERROR


def test_daphne_leaves_forms_to_the_site(client: httpx.Client):
    """One that Twisted refuses when it parses it, while nothing else is done, gets to the site."""
    answer = client.post("/short", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert answer.status_code == HTTPStatus.OK


def test_the_answer_to_a_head_has_no_body(server: Server, client: httpx.Client):
    """However many parts there are: a client would take them for the next answer."""
    address = client.base_url.host, client.base_url.port or 0
    with create_connection(address, timeout=30 * PATIENCE) as connection, connection.makefile("rb") as heard:
        connection.sendall(b"HEAD /long HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head, _, body = heard.read().partition(b"\r\n\r\n")
    assert (head.split()[1], body) == (b"200", b"")
    assert "handed over 64" in server.log.read_text()
