"""Clients that do not read their answers, on small buffers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from motorhead.http.unread import Unread
from tests.support.servers import PATIENCE

#: Seconds in which a client has to read something.
LIMIT = 0.5 * PATIENCE
MUCH = 2**22


class Writing(asyncio.Protocol):
    """The server's side, which writes much and then watches the client."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.unread = Unread(transport, LIMIT)
        transport.write(b"x" * MUCH)
        self.unread.watch()
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.unread.end()
        self.lost.set_result(exc)


@asynccontextmanager
async def written_to() -> AsyncIterator[tuple[Writing, socket.socket]]:
    """The server's side, and a client of it that has not read yet."""
    sides: asyncio.Queue[Writing] = asyncio.Queue()

    def connected() -> Writing:
        side = Writing()
        sides.put_nowait(side)
        return side

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connected, "127.0.0.1", 0)
    async with server:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            await loop.sock_connect(client, server.sockets[0].getsockname())
            yield await sides.get(), client


async def read(client: socket.socket, at_once: int, pause: float) -> int:
    """The number of bytes that the client reads until the end, pausing as often as that is 40 times in all."""
    loop, count = asyncio.get_running_loop(), 0
    while data := await loop.sock_recv(client, at_once):
        if (count + len(data)) // (MUCH // 40) > count // (MUCH // 40):
            await asyncio.sleep(pause)
        count += len(data)
    return count


async def test_a_connection_whose_client_reads_nothing_is_aborted() -> None:
    """What was written for it is given up, although the connection was to be closed behind it."""
    async with written_to() as (server, client):
        await asyncio.wait_for(server.lost, 20 * PATIENCE)
        assert await read(client, 2**16, 0) < MUCH


async def test_a_client_that_reads_slowly_gets_everything() -> None:
    """Reading may take many times as long, as long as something is read."""
    async with written_to() as (server, client):
        assert await read(client, 2**12, LIMIT / 10) == MUCH
        assert await asyncio.wait_for(server.lost, 20 * PATIENCE) is None
