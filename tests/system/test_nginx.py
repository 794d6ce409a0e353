"""nginx in front of several web workers, by `deploy/nginx.conf`, while they end and come back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from chat.sockets.present import RESTARTING
from tests.support.machines.proxy import nginx_conf
from tests.support.servers import free_port, running, start, wait_for_port

pytestmark = pytest.mark.proxy

#: Enough for each of nginx's processes to get some.
SOCKETS = 16
#: Tries of a client, each of which comes to one of two workers.
TRIES = 20


async def open_worker(port: int, *, leaving: bool = False) -> Server:
    async def answer(socket: ServerConnection) -> None:
        if leaving:
            await socket.close(RESTARTING)
            return
        await socket.send("hello")
        await socket.wait_closed()

    return await serve(answer, "127.0.0.1", port)


async def greeted(port: int) -> str | bytes:
    async with connect(f"ws://127.0.0.1:{port}/ws/v1/chat", proxy=None) as socket:
        return await socket.recv()


async def test_websockets_reach_a_worker_that_has_just_come_back(tmp_path: Path) -> None:
    """All of them, at once, also while the only other worker is away."""
    port, first, second = free_port(), free_port(), free_port()
    conf = nginx_conf(tmp_path, port, [first, second], free_port(), [free_port()])
    with running(
        start(["nginx", "-p", str(tmp_path), "-e", "stderr", "-c", str(conf)], "", log=tmp_path / "log")
    ) as nginx:
        wait_for_port(nginx, port)
        for away, up in ((first, second), (second, first)):
            async with await open_worker(up):
                answers = await asyncio.gather(*(greeted(port) for _ in range(SOCKETS)))
            assert answers == ["hello"] * SOCKETS, away


async def is_kept(port: int, stack: AsyncExitStack) -> bool:
    """Whether a worker keeps a websocket of a client that connects again when it is closed."""
    for _ in range(TRIES):
        socket = await stack.enter_async_context(connect(f"ws://127.0.0.1:{port}/ws/v1/chat", proxy=None))
        with suppress(ConnectionClosed):
            return await socket.recv() == "hello"
    return False


async def test_websockets_that_a_draining_worker_closes_come_to_another(tmp_path: Path) -> None:
    """Although the one that drains has the fewest."""
    port, staying, leaving = free_port(), free_port(), free_port()
    conf = nginx_conf(tmp_path, port, [staying, leaving], free_port(), [free_port()], in_turn=False)
    with running(
        start(["nginx", "-p", str(tmp_path), "-e", "stderr", "-c", str(conf)], "", log=tmp_path / "log")
    ) as nginx:
        wait_for_port(nginx, port)
        async with await open_worker(staying), await open_worker(leaving, leaving=True), AsyncExitStack() as stack:
            assert all([await is_kept(port, stack) for _ in range(SOCKETS)])
