"""Responses leave in one write, and no header can inject a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from motorhead.http.cycle import Respond
from motorhead.http.protocol import Connection, connection_class
from motorhead.http.requests import ClientLeft, Header, Request, Response
from tests.support.servers import PATIENCE


class Writes:
    """A transport that records what is written to it."""

    def __init__(self, transport: asyncio.Transport, written: list[bytes]) -> None:
        self._transport = transport
        self._written = written

    def write(self, data: bytes) -> None:
        """Record the write and pass it on."""
        self._written.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@asynccontextmanager
async def answering(
    respond: Respond,
    written: list[bytes] | None = None,
    *,
    keep_alive: int = 5,
    seconds: float = 30,
    lost: asyncio.Event | None = None,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server whose answers ``respond`` gives; ``written`` gets each of its writes.

    ``keep_alive``: seconds that the connection may idle. ``seconds``: those that it may take to send or to read.
    ``lost`` is set when the server has lost it.
    """

    class Noted(connection_class(respond, seconds, lambda status: None)):  # type: ignore[misc] # made by the call
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(Writes(transport, [] if written is None else written))

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            if lost is not None:
                lost.set()

    config = uvicorn.Config("unused", log_config=None, timeout_keep_alive=keep_alive)

    def connected() -> Connection:
        made: Connection = Noted(config=config, server_state=ServerState(), app_state={})
        return made

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


def answer(body: bytes, *headers: Header, status: int = 200) -> Respond:
    """The same answer to everything."""

    async def respond(request: Request) -> Response:
        return Response(status, list(headers), body)

    return respond


async def test_head_and_body_are_one_write() -> None:
    """An answer takes one system call, as does the second on the connection."""
    written: list[bytes] = []
    async with answering(answer(b"ok", (b"etag", b"1")), written) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK\r\n")
    assert written == [b"HTTP/1.1 200 OK\r\netag: 1\r\ncontent-length: 2\r\n\r\nok"] * 2


async def test_head_is_answered_without_a_body() -> None:
    """HEAD is answered with headers only, and the connection stays open."""
    written: list[bytes] = []
    async with answering(answer(b"ok"), written) as (reader, writer):
        writer.write(b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n" + b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await reader.readuntil(b"ok")
    assert [one.partition(b"\r\n\r\n")[2] for one in written] == [b"", b"ok"]


async def test_not_modified_has_no_length() -> None:
    """A 304 has no body, and says nothing of one."""
    written: list[bytes] = []
    async with answering(answer(b"", status=304), written) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 304 Not Modified\r\n\r\n"


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"]
)
async def test_a_last_answer_says_so_and_closes(sent: bytes) -> None:
    """When the client closes after a request, the answer says so, and the connection ends."""
    async with answering(answer(b"ok")) as (reader, writer):
        writer.write(sent)
        sent_back = await reader.read()
    assert sent_back.endswith(b"\r\n\r\nok")
    assert sent_back.count(b"connection: close\r\n") == 1


async def test_a_client_that_waits_for_leave_is_given_it() -> None:
    """A body announced with Expect is asked for once somebody reads it, and is put together from its parts."""

    async def echo(request: Request) -> Response:
        return Response(200, [], await request.body(100))

    async with answering(echo) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        for part in (b"bo", b"dy"):
            writer.write(part)
            await writer.drain()
        assert (await reader.readuntil(b"body")).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_a_client_of_the_older_version_is_given_no_leave() -> None:
    """HTTP/1.0 has no answers before the last one."""

    async def echo(request: Request) -> Response:
        return Response(200, [], await request.body(100))

    async with answering(echo) as (reader, writer):
        writer.write(b"POST / HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        await writer.drain()
        writer.write(b"body")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_no_more_requests_are_read_than_are_answered() -> None:
    """While some of those that came together wait for their answers, the others wait in the network."""
    reads: list[bool] = []

    async def respond(request: Request) -> Response:
        cycle: Any = getattr(request._receive, "__self__", None)
        reads.append(not cycle._flow.read_paused)
        return Response(200, [], b"ok")

    async with answering(respond) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n" * 10_000)
        for _ in range(10_000):
            await reader.readuntil(b"ok")
    assert reads[:100] == [False] * 100
    assert len(reads) == 10_000


async def test_pipelined_requests_are_answered_in_order() -> None:
    """The second of two requests waits for the answer to the first, however quick its own would be."""
    reached, turn = asyncio.Event(), asyncio.Event()

    async def respond(request: Request) -> Response:
        if request.path == b"/slow":
            reached.set()
            await turn.wait()
        return Response(200, [], request.path + b"?" + request.query + b".")

    async with answering(respond) as (reader, writer):
        writer.write(
            b"GET /slow HTTP/1.1\r\nHost: here\r\n\r\nGET http://here/quick?a=1#b HTTP/1.1\r\nHost: here\r\n\r\n"
        )
        await reached.wait()
        turn.set()
        sent_back = await reader.readuntil(b"/quick?a=1.")
    assert sent_back.index(b"/slow?.") < sent_back.index(b"/quick?a=1.")


async def test_an_idle_connection_is_closed_and_a_busy_one_is_not() -> None:
    """The time counts from the latest answer, or from the beginning of the connection."""

    async def respond(request: Request) -> Response:
        await asyncio.sleep(1.2)
        return Response(200, [], b"ok")

    loop = asyncio.get_running_loop()
    async with answering(respond, keep_alive=1) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await reader.readuntil(b"ok")
        answered = loop.time()
        assert await reader.read() == b""
        assert loop.time() - answered > 0.9


async def test_an_answer_that_is_not_read_is_given_up() -> None:
    """The connection of a client that reads nothing ends, and the answer with it."""
    lost = asyncio.Event()
    async with answering(answer(b"x" * 2**25), seconds=0.3, lost=lost) as (_, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await asyncio.wait_for(lost.wait(), 20 * PATIENCE)


async def test_a_client_that_leaves_ends_the_wait_for_its_body() -> None:
    """A handler that waits for the rest of a body learns that there will be none."""
    noticed: asyncio.Queue[object] = asyncio.Queue()

    async def respond(request: Request) -> Response | None:
        try:
            await request.body(100)
        except ClientLeft as left:
            noticed.put_nowait(left)
        return None

    async with answering(respond) as (_, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nab")
        await writer.drain()
        writer.close()
        assert isinstance(await noticed.get(), ClientLeft)


async def test_no_header_makes_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """A header with a line break is an error of the server: nothing of the answer is sent, and the error is logged."""
    async with answering(answer(b"ok", (b"etag", b"x\r\nset-cookie: a=b"))) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert await reader.read() == b""
    assert "A header contains a line break." in caplog.text
