"""Shared by the load clients: a very cheap websocket client, and the kernel's figures on a process."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import cast

#: Seconds to wait for a handshake.
PATIENCE = 30.0
TICKS = os.sysconf("SC_CLK_TCK")
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
)


def cpu_seconds(pid: int) -> float:
    """User and system time of the process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def wake_ups(pid: int) -> int:
    """How often the main thread of the process has waited and gone on."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("voluntary_ctxt_switches:"):
            return int(line.split()[1])
    raise RuntimeError("This kernel does not count the switches of a process.")


def pss(pid: int) -> float:
    """The process's proportional set size in MiB: shared memory counts in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("This kernel does not report the PSS of a process.")


def machine() -> str:
    """The number and model of the cores, and the load average."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    kind = next((line.split(":", 1)[1].strip() for line in cpus if line.startswith("model name")), "unknown kind")
    return f"{os.cpu_count()} cores ({kind}), load average {os.getloadavg()[0]:.1f} at the start"


class RawSocket(asyncio.Protocol):
    """A websocket client for whole, uncompressed frames. ``heard`` is called with each message as bytes.

    A library would use as much CPU as the server under test, on the same cores.
    """

    def __init__(self, path: str, host: str, headers: dict[str, str], heard: Callable[[bytes], None]) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._hello = HANDSHAKE.format(path=path, host=host, headers=lines).encode()
        self._heard = heard
        self._buffer = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it
        self._transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done():
            self._open()
        while self.opened.done() and (message := self._message()) is not None:
            self._heard(message)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("The server closed the connection during the handshake."))

    def send(self, text: bytes) -> None:
        """Send a text message. Its mask is zero, which the protocol allows and costs nothing to apply."""
        self._write(b"\x81", text)

    def _write(self, kind: bytes, payload: bytes) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        self._transport.write(kind + length + b"\0\0\0\0" + payload)

    def close(self) -> None:
        """Drop the connection without a closing handshake, like a browser on a machine that is turned off."""
        self._transport.abort()

    def _open(self) -> None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 101"):
            self.opened.set_exception(ConnectionError(head.decode("latin-1")))
            return
        self._buffer = rest
        self.opened.set_result(None)

    def _message(self) -> bytes | None:
        """The next whole text message. Pings before it are answered."""
        while len(self._buffer) >= 2:
            size, start = self._buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(self._buffer[2:4]), 4
            elif size == 127:
                size, start = int.from_bytes(self._buffer[2:10]), 10
            if len(self._buffer) < start + size:
                return None
            kind, message = self._buffer[0] & 15, self._buffer[start : start + size]
            self._buffer = self._buffer[start + size :]
            if kind == 1:
                return message
            if kind == 9:
                self._write(b"\x8a", message)
        return None


async def open_socket(
    port: int, path: str, headers: dict[str, str], heard: Callable[[bytes], None] = lambda _: None
) -> RawSocket:
    """A connected socket of the server on ``port``."""
    _, socket = await asyncio.get_running_loop().create_connection(
        lambda: RawSocket(path, f"127.0.0.1:{port}", headers, heard), "127.0.0.1", port
    )
    await asyncio.wait_for(socket.opened, PATIENCE)
    return socket
