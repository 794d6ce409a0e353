"""nginx in front of several web workers, by `deploy/nginx.conf`, while they end and come back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve

from tests.support.machines.proxy import nginx_conf
from tests.support.servers import free_port, running, start, wait_for_port

pytestmark = pytest.mark.proxy

#: Enough for each of nginx's processes to get some.
SOCKETS = 16


async def open_worker(port: int) -> Server:
    async def answer(socket: ServerConnection) -> None:
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
