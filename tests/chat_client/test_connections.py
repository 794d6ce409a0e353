"""The websockets of a client."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection, serve

from chat_client import ChatError, Unreachable, frames
from chat_client.connection import MAX_WATCHES, Request
from chat_client.connections import Connections, socket_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws/v1/chat"),
        ("https://chat.example.org/", "wss://chat.example.org/ws/v1/chat"),
        ("https://example.org/chat/", "wss://example.org/chat/ws/v1/chat"),
    ],
)
def test_the_websocket_is_at_the_address_of_the_site(url: str, expected: str) -> None:
    """As safe as the site itself."""
    assert socket_url(url) == expected


async def test_a_connection_is_shared_until_it_is_full_or_lost() -> None:
    """Then another is opened; a closed client opens none."""
    opened: asyncio.Queue[ServerConnection] = asyncio.Queue()

    async def behave(socket: ServerConnection) -> None:
        opened.put_nowait(socket)
        await socket.wait_closed()

    async def watch() -> None:
        async for _ in connections.frames(Request("s", [frames.watch_frame("s")], watches=True)):
            pass

    async with serve(behave, "127.0.0.1", 0, subprotocols=[frames.SUBPROTOCOL]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        connections = Connections(f"http://127.0.0.1:{port}", "token")
        watching = [asyncio.create_task(watch()) for _ in range(MAX_WATCHES + 1)]
        for _ in range(2):
            await (await opened.get()).close()
        ended = await asyncio.gather(*watching, return_exceptions=True)
        assert {type(each) for each in ended} == {Unreachable}
        assert opened.empty()
        assert connections.reached
        assert connections.requests_of("s") == []
        await connections.close()
        with pytest.raises(ChatError, match="has been closed"):
            await watch()
