"""Responses leave in one write, and no header can inject a line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from motorhead.http.protocol import Connection, connection_class


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
    headers: list[tuple[bytes, bytes]], body: bytes, written: list[bytes]
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that gives the same answer to everything; ``written`` gets each of its writes."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    class Noted(connection_class(30, lambda status: None)):  # type: ignore[misc] # made by the call
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(Writes(transport, written))

    config = uvicorn.Config(
        application, log_config=None, access_log=False, ws="none", lifespan="off", interface="asgi3",
        server_header=False, date_header=False,
    )  # fmt: skip
    config.load()

    def connected() -> Connection:
        made: Connection = Noted(config=config, server_state=ServerState(), app_state={})
        return made

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


LENGTH = (b"content-length", b"2")


async def test_head_and_body_are_one_write() -> None:
    """An answer takes one system call, as does the second on the connection."""
    written: list[bytes] = []
    async with answering([LENGTH], b"ok", written) as (reader, writer):
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK\r\n")
    assert written == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"] * 2


async def test_head_is_answered_without_a_body() -> None:
    """HEAD is answered with headers only, and the connection stays open."""
    written: list[bytes] = []
    async with answering([LENGTH], b"ok", written) as (reader, writer):
        writer.write(b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n" + b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await reader.readuntil(b"ok")
    assert [one.partition(b"\r\n\r\n")[2] for one in written] == [b"", b"ok"]


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        (b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", [LENGTH]),
        (b"GET / HTTP/1.0\r\n\r\n", [LENGTH]),
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", [LENGTH, (b"connection", b"close")]),
    ],
)
async def test_a_last_answer_says_so_and_closes(sent: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """When client or server closes after a request, the answer says so once, and the connection ends."""
    async with answering(headers, b"ok", []) as (reader, writer):
        writer.write(sent)
        answer = await reader.read()
    assert answer.endswith(b"\r\n\r\nok")
    assert answer.count(b"connection: close\r\n") == 1


async def test_no_header_makes_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """A header with a line break is an error of the server: nothing of the answer is sent, and the error is logged."""
    with caplog.at_level(logging.ERROR, logger="uvicorn.error"):
        async with answering([LENGTH, (b"etag", b"x\r\nset-cookie: a=b")], b"ok", []) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            assert await reader.read() == b""
    assert "A header contains a line break." in caplog.text
