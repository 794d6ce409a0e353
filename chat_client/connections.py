"""The websockets of a client: opened when they are needed, and again when they are lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import urlsplit, urlunsplit

from chat_client.connection import Connection, Request
from chat_client.exceptions import ChatError
from chat_client.frames import Frame

PATH = "/ws/v1/chat"


def socket_url(url: str) -> str:
    """The address of the websocket of the site at ``url``."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + PATH, "", ""))


class Connections:
    """One connection, and more where one has no room for all requests."""

    def __init__(self, url: str, token: str) -> None:
        self._url = socket_url(url)
        self._token = token
        self._open: list[Connection] = []
        self._opening = asyncio.Lock()
        self._closed = False
        #: Whether the site has ever been reached: a wrong address needs no further tries.
        self.reached = False

    async def frames(self, request: Request) -> AsyncGenerator[Frame]:
        """The frames that answer the request. Raises `Unreachable`, or why the site refused the connection."""
        connection = await self._with_room(request)
        async with aclosing(connection.frames(request)) as received:
            async for frame in received:
                yield frame

    def requests_of(self, session: str) -> list[tuple[Connection, Request]]:
        """The open requests for an answer in ``session``, each with its connection."""
        here = [each for each in self._open if not each.lost]
        return [(each, request) for each in here for request in each.requests_of(session)]

    async def close(self) -> None:
        """Close all connections; none is opened any more."""
        self._closed = True
        async with self._opening:
            await asyncio.gather(*(each.close() for each in self._open))

    async def _with_room(self, request: Request) -> Connection:
        async with self._opening:
            if self._closed:
                raise ChatError("closed", "This client has been closed.")
            self._open = [each for each in self._open if not each.lost]
            for connection in self._open:
                if connection.has_room(request):
                    return connection
            opened = await Connection.open(self._url, self._token)
            self.reached = True
            self._open.append(opened)
            return opened
