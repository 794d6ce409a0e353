"""The line carries bytes both ways, falls silent without closing, and cuts websockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tests.support.servers import PATIENCE
from tests.support.silent_line import SilentLine

MOMENT = 0.2


@asynccontextmanager
async def echo() -> AsyncIterator[str]:
    """The address of a server that sends back what it receives."""

    async def send_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while portion := await reader.read(100):
            writer.write(portion)
        writer.close()

    server = await asyncio.start_server(send_back, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def connect(line: SilentLine) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the line."""
    address = urlsplit(line.url)
    return await asyncio.open_connection(address.hostname, address.port)


async def echoed(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], seconds: float) -> bytes:
    """What comes back for a word within ``seconds``."""
    reader, writer = connection
    writer.write(b"word")
    return await asyncio.wait_for(reader.read(100), seconds)


async def test_a_silent_connection_stays_open_and_carries_nothing():
    """A new one carries everything."""
    async with echo() as server:
        with SilentLine(server) as line:
            old = await connect(line)
            assert await echoed(old, 10 * PATIENCE) == b"word"
            line.silence()
            with pytest.raises(TimeoutError):
                await echoed(old, MOMENT)
            new = await connect(line)
            assert await echoed(new, 10 * PATIENCE) == b"word"


async def test_a_held_connection_carries_everything_once_it_is_released():
    """Nothing that was sent meanwhile is lost."""
    async with echo() as server:
        with SilentLine(server) as line:
            line.hold()
            held = await connect(line)
            with pytest.raises(TimeoutError):
                await echoed(held, MOMENT)
            line.release()
            assert await asyncio.wait_for(held[0].read(100), 10 * PATIENCE) == b"word"


async def test_a_connection_can_fall_silent_in_one_direction():
    """The server still receives what is sent."""
    received = asyncio.Event()

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while word := await reader.read(100):
            writer.write(word)
            if word == b"second":
                received.set()
        writer.close()

    async with await asyncio.start_server(receive, "127.0.0.1", 0) as server:
        with SilentLine(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as line:
            reader, writer = await connect(line)
            assert await echoed((reader, writer), 10 * PATIENCE) == b"word"
            line.silence(only_back=True)
            writer.write(b"second")
            await asyncio.wait_for(received.wait(), 10 * PATIENCE)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(100), MOMENT)


SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


@asynccontextmanager
async def two_connections() -> AsyncIterator[
    tuple[SilentLine, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
]:
    """A line with a websocket and another connection."""
    async with echo() as server:
        with SilentLine(server) as line:
            connections = [await connect(line), await connect(line)]
            for (reader, writer), first in zip(connections, (SWITCHED, b"HTTP/1.1 200 OK"), strict=True):
                writer.write(first)
                assert await asyncio.wait_for(reader.read(100), 10 * PATIENCE) == first
            yield line, connections


async def test_only_the_websockets_are_cut():
    """The client of one reads an error or the end."""
    async with two_connections() as (line, [(reader, _), other]):
        line.cut_sockets()
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(100), 10 * PATIENCE) == b""
        assert await echoed(other, 10 * PATIENCE) == b"word"


async def test_only_the_websockets_fall_silent():
    """Requests still have their answers."""
    async with two_connections() as (line, [socket, other]):
        line.silence(only_sockets=True)
        assert await echoed(other, 10 * PATIENCE) == b"word"
        with pytest.raises(TimeoutError):
            await echoed(socket, MOMENT)
