"""Connections whose clients do not read: what was written for them stays in memory until they do."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
from asyncio import TimerHandle


class Unread:
    """Aborts a connection, once it is watched, of which the client reads nothing from one look to the next.

    They are ``seconds`` apart.
    """

    def __init__(self, transport: asyncio.Transport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._timer: TimerHandle | None = None

    def watch(self) -> None:
        """Begin to watch, unless it has begun."""
        if self._timer is None:
            self._look_again(_unread(self._transport))

    def end(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self, unread: int) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._look, unread)

    def _look(self, before: int) -> None:
        unread = _unread(self._transport)
        if unread >= before > 0:
            self._transport.abort()
        else:
            self._look_again(unread)


def _unread(transport: asyncio.Transport) -> int:
    """The bytes that are on their way to the client: here, and in the kernel, which keeps them until it has them."""
    waiting = transport.get_write_buffer_size()
    connection = transport.get_extra_info("socket")
    if connection is None or connection.fileno() < 0:
        return waiting
    in_kernel: int = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
    return waiting + in_kernel
