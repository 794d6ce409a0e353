"""One websocket for many requests, against a server that answers as the test decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from chat_client import AccessDenied, NotUnderstood, Unreachable, frames
from chat_client.connection import MAX_REQUESTS, MAX_WATCHES, Connection, Request
from chat_client.frames import Complete, Start

Behaviour = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def connected(behaviour: Behaviour) -> AsyncIterator[Connection]:
    """A connection to a server with this behaviour."""
    async with serve(behaviour, "127.0.0.1", 0, subprotocols=[frames.SUBPROTOCOL]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        connection = await Connection.open(f"ws://127.0.0.1:{port}", "token")
        yield connection
        await connection.close()


async def answer(socket: ServerConnection, *kinds: str) -> str:
    """Answer the next request with frames of these types. Returns its type."""
    asked = json.loads(await socket.recv())
    for kind in kinds:
        await socket.send(json.dumps({"type": kind, "requestId": asked["requestId"], "errorText": "No."}))
    return str(asked["type"])


async def received(connection: Connection, request: Request) -> list[str]:
    """The types of the frames that answer a request."""
    return [type(frame).__name__ async for frame in connection.frames(request)]


async def test_frames_are_sorted_by_their_request():
    """Two requests at the same time, answered in the other order; what belongs to none is dropped."""

    async def behave(socket: ServerConnection) -> None:
        first, second = [json.loads(await socket.recv())["requestId"] for _ in range(2)]
        for request_id in (second, "nobody's", first):
            await socket.send(json.dumps({"type": "newer", "requestId": request_id}))
            await socket.send(json.dumps({"type": "start", "requestId": request_id}))
            await socket.send(json.dumps({"type": "end", "requestId": request_id}))
        await socket.wait_closed()

    async with connected(behave) as connection:
        requests = [Request("s", [frames.resume_frame("s")]) for _ in range(2)]
        found = await asyncio.gather(*(received(connection, request) for request in requests))
        assert found == [["Start", "Complete"]] * 2
        assert connection.requests_of("s") == []
        assert not connection.lost


async def test_a_loss_ends_every_request():
    """Also one that begins after it."""

    async def behave(socket: ServerConnection) -> None:
        await answer(socket, "start")
        socket.transport.abort()

    async with connected(behave) as connection:
        requests = [Request("s", [frames.resume_frame("s")]) for _ in range(3)]
        found = await asyncio.gather(*(received(connection, each) for each in requests), return_exceptions=True)
        assert [type(each) for each in found] == [Unreachable] * 3
        assert connection.lost
        with pytest.raises(Unreachable, match="lost"):
            await received(connection, Request("s", [frames.resume_frame("s")]))


async def test_a_connection_that_is_refused_says_why():
    """The sentence comes before the close code, without a request."""

    async def behave(socket: ServerConnection) -> None:
        complaint = {"type": "error", "requestId": "", "errorText": "Expired.", "code": "access_denied"}
        await socket.send(json.dumps(complaint))
        await socket.close(4401)

    async with connected(behave) as connection:
        with pytest.raises(AccessDenied, match=r"Expired\."):
            await received(connection, Request("s", [frames.resume_frame("s")]))


async def test_another_program_is_not_understood():
    """It speaks websockets, but not these frames."""

    async def behave(socket: ServerConnection) -> None:
        await socket.send("hello")
        await socket.wait_closed()

    async with connected(behave) as connection:
        with pytest.raises(NotUnderstood):
            await received(connection, Request("s", [frames.resume_frame("s")]))


async def test_the_last_reader_who_leaves_closes_the_connection():
    """The site would send the rest of the answer to nobody."""
    closed = asyncio.Event()

    async def behave(socket: ServerConnection) -> None:
        await answer(socket, "start")
        await socket.wait_closed()
        closed.set()

    async with connected(behave) as connection:
        async with aclosing(connection.frames(Request("s", [frames.resume_frame("s")]))) as answered:
            assert isinstance(await anext(answered), Start)
        assert connection.lost
        await closed.wait()


@pytest.mark.parametrize("loses", [False, True])
async def test_a_request_that_is_left_is_over_in_the_end(loses: bool):
    """With its last frame, or with the connection: a stop may be waiting for it."""
    left = asyncio.Event()

    async def behave(socket: ServerConnection) -> None:
        await answer(socket, "start")
        await answer(socket, "start")
        await left.wait()
        if not loses:
            await socket.send(json.dumps({"type": "end", "requestId": "left"}))
            await socket.wait_closed()

    stays, request = (Request("s", [frames.resume_frame("s")], id=name) for name in ("stays", "left"))
    async with connected(behave) as connection, aclosing(connection.frames(stays)) as others:
        assert isinstance(await anext(others), Start)  # while this one is open, the connection is
        async with aclosing(connection.frames(request)) as received:
            assert isinstance(await anext(received), Start)
        left.set()
        await request.over.wait()


async def test_a_watch_that_is_left_is_ended():
    """It does not end on its own, and the connection stays."""
    ended = asyncio.Event()

    async def behave(socket: ServerConnection) -> None:
        await answer(socket, "start")
        assert await answer(socket, "end") == "abort"
        ended.set()
        await answer(socket, "no-active")
        await socket.wait_closed()

    async with connected(behave) as connection:
        async with aclosing(connection.frames(Request("s", [frames.watch_frame("s")], watches=True))) as watched:
            assert isinstance(await anext(watched), Start)
        await ended.wait()
        assert await received(connection, Request("s", [frames.resume_frame("s")])) == ["NoActive"]


async def test_a_connection_has_room_for_what_the_site_allows():
    """Requests that were left count until the site has ended them."""

    async def behave(socket: ServerConnection) -> None:
        async for _ in socket:
            pass

    async with connected(behave) as connection:
        request, watch = Request("s", []), Request("s", [], watches=True)
        tasks = [asyncio.create_task(received(connection, Request("s", [], watches=n < MAX_WATCHES))) for n in range(9)]
        await asyncio.sleep(0)
        assert (connection.has_room(request), connection.has_room(watch)) == (True, False)
        tasks += [asyncio.create_task(received(connection, Request("s", []))) for _ in range(MAX_REQUESTS - 9)]
        await asyncio.sleep(0)
        assert not connection.has_room(request)
        tasks.pop().cancel()
        await asyncio.sleep(0)
        assert not connection.has_room(request)
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_nothing_listens():
    """The reason is in the sentence."""
    with pytest.raises(Unreachable, match=r"ws://127\.0\.0\.1:1"):
        await Connection.open("ws://127.0.0.1:1", "token")


def test_a_complete_answer_is_the_last_frame():
    """So are a refusal and the lack of an answer."""
    assert isinstance(Complete("r"), frames.LAST)
    assert not isinstance(Start("r"), frames.LAST)
