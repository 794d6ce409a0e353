"""Frames that are written as soon as everything that is ready is known, instead of at the reactor's next turn.

Twisted asks the kernel to report when a socket can be written to, writes then, and asks it to report no more: three
calls for each piece of an answer, while there is nearly always room. Here a socket's frames of one moment are written
together, and only what the kernel does not take waits for the reactor. Besides, Autobahn colours a line for its log
with every frame, whether it is logged or not.

A socket may be open for hours, so it also keeps nothing that is of no use after its handshake.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from daphne.ws_protocol import WebSocketFactory
from twisted.internet.tcp import Connection

from chatsite.paced_daphne import PacedSocket

#: Bytes that may wait for the end of the moment. Then Twisted takes over, which reports when a client reads too slowly.
MOST_WAITING = 2**14


class PromptSocket(PacedSocket):
    """A websocket that writes what is ready at the end of the moment, and reads at a bounded pace."""

    _ready: bytes = b""
    #: What Autobahn would write in parts or with pauses, which is nothing here.
    send_queue: Sequence[Any] = ()
    CONFIG_ATTRS: Sequence[str] = PacedSocket.CONFIG_ATTRS

    def _connectionMade(self) -> None:  # noqa: N802
        _share_settings(self.factory)
        super()._connectionMade()
        self.send_queue = ()

    def onOpen(self) -> None:  # noqa: N802
        """The handshake is over: forget its request, with its cookies and tokens."""
        super().onOpen()
        self.http_request_data = b""
        self.http_headers.clear()

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802
        """Write ``data`` soon, behind what was given before. Autobahn calls this for whatever it writes."""
        if sync or chopsize or self.send_queue:
            self._write()
            self.send_queue = self.send_queue or deque()
            super().sendData(data, sync, chopsize)
            return
        if not self._ready:
            asyncio.get_running_loop().call_soon(self._write)
        self._ready += data
        if len(self._ready) > MOST_WAITING:
            self._write()

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802
        """End the connection, behind what was given before."""
        self._write()
        super().dropConnection(abort)

    def _write(self) -> None:
        data, self._ready = self._ready, b""
        if data and self.transport is not None:
            rest = data[_written(self.transport, data) :]
            if rest:
                self.transport.write(rest)


def _share_settings(factory: Any) -> None:
    """Make the settings of ``factory`` those of all sockets. Autobahn would copy all thirty to each, and list them."""
    for name in PromptSocket.CONFIG_ATTRS:
        value = getattr(factory, name)
        setattr(PromptSocket, name, staticmethod(value) if callable(value) else value)
    PromptSocket.CONFIG_ATTRS = ()


def _written(transport: Any, data: bytes) -> int:
    """How many bytes of ``data`` the kernel has taken; 0 where Twisted has to see to it."""
    if not isinstance(transport, Connection) or transport.TLS or not transport.connected or transport.disconnecting:
        return 0
    if transport.dataBuffer or transport._tempDataLen:  # what was given before has to go first
        return 0
    taken = transport.writeSomeData(data)
    return taken if isinstance(taken, int) else 0  # an error, which Twisted will find, too


def write_promptly() -> None:
    """Make the Daphne of this process write frames promptly, and pace those it reads; call it before Daphne listens."""
    WebSocketFactory.protocol = PromptSocket
