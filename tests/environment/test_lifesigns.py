"""Signs of life to the program that started this one."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from environment.lifesigns import notify_socket, send_lifesigns
from environment.values import Refused
from tests.support.servers import PATIENCE


async def received(listener: socket.socket, address: str, count: int) -> list[bytes]:
    """The first ``count`` messages that arrive at ``listener``."""
    listener.setblocking(False)
    sending = asyncio.create_task(send_lifesigns(address, within=30_000))
    try:
        async with asyncio.timeout(10 * PATIENCE):
            return [await asyncio.get_running_loop().sock_recv(listener, 100) for _ in range(count)]
    finally:
        sending.cancel()


@pytest.mark.parametrize("abstract", [True, False])
async def test_signs_go_on_as_long_as_the_loop_runs(abstract: bool, tmp_path: Path):
    """The first says that the process is ready; the socket is a file or has an abstract name."""
    address = f"@test-{tmp_path}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0", 1))
        first, *others = await received(listener, address, 3)
    assert first.split() == [b"READY=1", b"WATCHDOG=1"]
    assert others == [b"WATCHDOG=1"] * 2


async def test_without_an_address_there_are_no_signs():
    """The task is over at once."""
    await asyncio.wait_for(send_lifesigns("", 0), 10 * PATIENCE)


async def test_nobody_needs_to_listen(tmp_path: Path):
    """A sign that cannot be delivered ends nothing."""
    sending = asyncio.create_task(send_lifesigns(str(tmp_path / "nobody"), within=1))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not sending.done()
    sending.cancel()


@pytest.mark.parametrize("written", ["/run/notify", "@name"])
def test_the_address_of_a_socket(written: str):
    """A path or an abstract name."""
    assert notify_socket(written) == written


def test_the_socket_of_a_virtual_machine_is_not_used():
    """It does not stop the start, either."""
    assert notify_socket("vsock-stream:2:1234") == ""


@pytest.mark.parametrize("written", ["notify", "http://x", "/" + "x" * 200])
def test_another_address_is_refused(written: str):
    """It must be absolute and fit into the kernel's address."""
    with pytest.raises(Refused):
        notify_socket(written)
