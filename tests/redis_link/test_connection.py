"""One connection to Redis: the order of replies, the limit of the queue, and the loss of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from redis_link.connection import LOST, Connection
from redis_link.exceptions import StoreRefused, StoreUnavailable
from tests.support.servers import PATIENCE, Server

SOON = 10 * PATIENCE


class Observer:
    """Collects what a connection reports."""

    def __init__(self) -> None:
        self.lost: list[Connection] = []
        self.waits: list[float] = []


@asynccontextmanager
async def connected(port: int, *, limit: int = 100) -> AsyncIterator[tuple[Connection, Observer]]:
    """An open connection to ``port``, and what it reports."""
    seen = Observer()
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Connection(limit, seen.lost.append, seen.waits.append, StoreRefused), "127.0.0.1", port
    )
    try:
        yield connection, seen
    finally:
        connection.abort()
        await asyncio.wait_for(connection.lost, SOON)


@pytest.fixture
def port(valkey: Server, redis_url: str) -> int:
    """The port of an empty Valkey."""
    return int(valkey.url.rsplit(":", 1)[1])


async def test_replies_come_back_in_order(port: int) -> None:
    """Each question gets as many replies as it has commands, and each reports how long it waited."""
    async with connected(port) as (connection, seen):
        single = connection.ask([("ECHO", "one")], 1)
        several = connection.ask([("SET", "k", 1), ("GET", "k"), ("GET", "other")], 3)
        assert [await single, await several] == [[b"one"], [b"OK", b"1", None]]
        assert len(seen.waits) == 2


async def test_no_commands_have_no_replies(port: int) -> None:
    """Such a question is answered at once, and takes no reply from the next one."""
    async with connected(port) as (connection, _):
        nothing, reply = connection.ask([], 0), connection.ask([("ECHO", "a")], 1)
        assert await asyncio.wait_for(nothing, SOON) == []
        assert await asyncio.wait_for(reply, SOON) == [b"a"]


async def test_an_error_is_one_of_the_replies(port: int) -> None:
    """The commands after a refused one still get their own replies."""
    async with connected(port) as (connection, _):
        refused, pong = await connection.ask([("NOSUCH",), ("PING",)], 2)
        assert isinstance(refused, StoreRefused)
        assert pong == b"PONG"


async def test_a_full_queue_refuses_questions(port: int) -> None:
    """Replies make room for the next ones."""
    async with connected(port, limit=1) as (connection, _):
        waiting = connection.ask([("PING",)], 1)
        with pytest.raises(StoreUnavailable, match="Too many"):
            connection.ask([("PING",)], 1)
        await waiting
        assert await connection.ask([("PING",)], 1) == [b"PONG"]


async def test_a_connection_is_stalled_while_its_oldest_question_waits_too_long(port: int) -> None:
    """An idle connection never is."""
    async with connected(port) as (connection, _):
        assert not connection.stalled(0)
        connection.ask([("BLPOP", "nothing", 0)], 1)
        await asyncio.sleep(0.01)
        assert connection.stalled(0.001)
        assert not connection.stalled(1000)


async def test_a_lost_connection_fails_its_questions(port: int) -> None:
    """Those that wait and those that come later; the loss is reported once."""
    async with connected(port) as (connection, seen):
        waiting = connection.ask([("BLPOP", "nothing", 0)], 1)
        connection.abort()
        with pytest.raises(StoreUnavailable, match=LOST):
            await asyncio.wait_for(waiting, SOON)
        with pytest.raises(StoreUnavailable, match=LOST):
            connection.ask([("PING",)], 1)
        assert seen.lost == [connection]


@pytest.mark.parametrize("sent", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK\r\n"])
async def test_a_server_that_does_not_speak_redis_is_dropped(sent: bytes) -> None:
    """So is one that replies without having been asked."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, connected(server.sockets[0].getsockname()[1]) as (connection, seen):
        await asyncio.wait_for(connection.lost, SOON)
        assert seen.lost == [connection]
