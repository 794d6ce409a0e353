"""Bounds on a request's size, on the time it takes to arrive, and on what waits to be read; Daphne lacks them.

Daphne passes a request on once it has arrived whole, its body in a temporary file. Without bounds, any client could
fill the disk, or hold a connection without end by sending a byte a minute. It takes every part of an answer at once, so
one that is not read would be collected in memory, however long it is. An answer that fails after its beginning would
leave its client waiting, and Daphne would never again look after any of its connections.

Twisted would parse the form in a body, which Daphne has no use for, on the event loop and in ten times its size of
memory. A large file of empty lines stops all chats for half a minute that way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, Request

from chatsite.application import App, Receive, Scope, Send

logger = logging.getLogger(__name__)

#: Bytes in a body. The largest are the admin's forms; messages come through websockets.
LARGEST_BODY = 4 * 2**20
#: Seconds from a request's first byte to its last.
ARRIVAL = 60
#: The same for files that are imported, with the rest of their form; and the ends of the paths to which they are sent.
LARGEST_IMPORT, IMPORT_ARRIVAL = 33 * 2**20, 600
IMPORT_PATHS = (b"/sessions/import", b"/api/v1/import")
#: Seconds that a client may take to read what is waiting for it.
UNREAD_FOR = 60.0


class BoundedChannel(HTTPChannel):
    """A connection whose requests are bounded. ``read`` is set unless the client has much left to read."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._arriving = False
        self._body = 0
        self._most = LARGEST_BODY
        self._refused = False
        self.read = asyncio.Event()
        self.read.set()

    def resetTimeout(self) -> None:  # noqa: N802 - Twisted's name
        """Called with every read: start the clock, but only once in each request."""
        if not self._arriving:
            self._arriving = True
            super().resetTimeout()  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        """Called before the body: refuse one that is announced as too large."""
        path: Any = self._path
        if path.partition(b"?")[0].endswith(IMPORT_PATHS):
            self._most = LARGEST_IMPORT
            self.setTimeout(IMPORT_ARRIVAL)  # type: ignore[no-untyped-call]
        if (self.length or 0) > self._most:
            self._refuse()
        else:
            super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Called with every read of a body: refuse one that becomes too large."""
        self._body += len(data)
        if self._body > self._most and self._arriving:
            self._refuse()
        if not self._refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        """Called at the end of a request."""
        self._arriving, self._body, self._most = False, 0, LARGEST_BODY
        super().allContentReceived()  # type: ignore[no-untyped-call]

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Called when the transport's buffer is full."""
        super().pauseProducing()  # type: ignore[no-untyped-call]
        self.read.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Called when it is empty."""
        super().resumeProducing()  # type: ignore[no-untyped-call]
        self.read.set()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Called when the client has left."""
        self.read.set()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _refuse(self) -> None:
        if not self._refused:
            self._refused = True
            transport: Any = self.transport
            transport.write(_refusal(self._most))
            self.loseConnection()  # type: ignore[no-untyped-call]


def _refusal(most: int) -> bytes:
    said = f"The request's body is larger than {most // 2**20} MiB. Send less."
    head = "HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(said)}\r\n\r\n{said}".encode()


class BoundedFactory(HTTPFactory):  # type: ignore[misc] # Daphne has no types
    """Makes a `BoundedChannel` for each connection."""

    protocol = BoundedChannel

    def __init__(self, server: daphne.server.Server) -> None:
        super().__init__(server)
        self.timeOut = ARRIVAL

    def buildProtocol(self, addr: object) -> Any:  # noqa: N802 - Twisted's name
        """A `BoundedChannel`, whose requests are passed on unparsed."""
        channel: Any = super().buildProtocol(addr)
        channel.requestFactory = partial(WebRequest, parsePOSTFormSubmission=False)
        return channel


def bound_requests() -> None:
    """Make the Daphne of this process bound its requests; call it before Daphne listens."""
    daphne.server.HTTPFactory = BoundedFactory


def at_the_pace_of_clients(http: App) -> App:
    """``http``, whose answers wait under Daphne until the client has read what is there.

    The connection of one that fails after its beginning is ended, so that it never looks complete. The answer to a HEAD
    has no body: Daphne leaves out only its first part, and clients would take the others for the next answer.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = next((each for each in getattr(send, "args", ()) if isinstance(each, Request)), None)
        has_begun = False

        async def send_when_read(message: Mapping[str, Any]) -> None:
            nonlocal has_begun
            if request is not None:
                await until_read(request.channel)
            has_begun = True
            await send(_without_body(message) if scope.get("method") == "HEAD" else message)

        try:
            await http(scope, receive, send_when_read)
        except Exception:  # the boundary of Daphne, which can answer only what has not begun
            if request is None or not has_begun:
                raise
            logger.exception("An answer has broken off.")
            _end(getattr(request, "channel", None))

    return serve


def _without_body(message: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**message, "body": b""} if message["type"] == "http.response.body" else message


async def until_read(channel: object) -> None:
    """Return when the client has read what is waiting, or has left. If it does not read, its connection is ended."""
    if not isinstance(channel, BoundedChannel) or channel.read.is_set():
        return
    try:
        async with asyncio.timeout(UNREAD_FOR):
            await channel.read.wait()
    except TimeoutError:
        _end(channel)


def _end(channel: object) -> None:
    """End a client's connection, unless the client has left."""
    if isinstance(channel, BoundedChannel) and channel.transport is not None:
        transport: Any = channel.transport
        transport.abortConnection()
