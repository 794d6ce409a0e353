"""One websocket, which carries the requests of any number of sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from chat_client.exceptions import ChatError, NotUnderstood, Unreachable
from chat_client.frames import LAST, SUBPROTOCOL, Failure, Frame, abort_frame, encode, parse

#: What the site allows on one connection: open requests, and those of them that watch a memory.
MAX_REQUESTS, MAX_WATCHES = 32, 4
#: Close codes before which the site has said why.
EXPLAINED = {4400, 4401, 4403, 4429, 4015}
#: Seconds for opening a connection, and for closing one politely.
OPENING, CLOSING = 20.0, 1.0


@dataclass(eq=False, slots=True)
class Request:
    """A request about ``session``: the ``frames`` that make it, and what has come in answer (None: nothing more will).

    ``over``: the site has ended it, or the connection was lost.
    """

    session: str
    frames: Sequence[Mapping[str, Any]]
    watches: bool = False
    id: str = field(default_factory=lambda: uuid4().hex)
    received: asyncio.Queue[Frame | None] = field(default_factory=asyncio.Queue)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Connection:
    """An open connection. Once ``lost``, it stays so."""

    @classmethod
    async def open(cls, url: str, token: str) -> Self:
        """A connection to the websocket at ``url``. Raises `Unreachable`; whether the token holds shows later."""
        offers = [Subprotocol(SUBPROTOCOL), Subprotocol(f"bearer.{token}")]
        try:
            socket = await connect(url, subprotocols=offers, max_size=None, open_timeout=OPENING, close_timeout=CLOSING)
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            raise Unreachable(f"No websocket could be opened at {url}: {error}") from error
        return cls(socket)

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._requests: dict[str, Request] = {}
        self._left: dict[str, Request] = {}  # those that the site has not ended, but nobody reads
        self._loss: ChatError | None = None
        self._closing = False
        self._reading = asyncio.create_task(self._read())

    @property
    def lost(self) -> bool:
        """Whether it takes no more requests."""
        return self._closing or self._loss is not None

    def has_room(self, request: Request) -> bool:
        """Whether the site will accept the request here."""
        watches = sum(each.watches for each in self._requests.values())
        return len(self._requests) + len(self._left) < MAX_REQUESTS and not (request.watches and watches >= MAX_WATCHES)

    def requests_of(self, session: str) -> list[Request]:
        """The open requests for an answer in ``session``."""
        return [each for each in self._requests.values() if each.session == session and not each.watches]

    async def frames(self, request: Request) -> AsyncGenerator[Frame]:
        """The frames that answer the request, up to its last. Raises what ended the connection, if that came first."""
        if self._loss is not None:
            raise self._loss
        self._requests[request.id] = request
        try:
            for sent in request.frames:
                await self.tell(request, sent)
            while (frame := await request.received.get()) is not None:
                yield frame
                if isinstance(frame, LAST):
                    return
            raise self._loss or Unreachable("The connection was closed.")
        finally:
            del self._requests[request.id]
            if not request.over.is_set():
                await self._leave(request)

    async def tell(self, request: Request, frame: Mapping[str, Any]) -> None:
        """Send a frame about the request."""
        try:
            await self._socket.send(encode(frame, request.id))
        except ConnectionClosed:
            await asyncio.wait({self._reading})  # knows why

    async def _leave(self, request: Request) -> None:
        """Have no more of a request: its answer goes on without a reader."""
        self._left[request.id] = request
        if request.watches:
            await self.tell(request, abort_frame())
        elif not self._requests:
            await self.close()

    async def close(self) -> None:
        """Close the connection; requests that are open here end as if it were lost."""
        self._closing = True
        await self._socket.close()
        await asyncio.wait({self._reading})

    async def _read(self) -> None:
        """The task of the connection: sort frames by their request, until the connection is lost."""
        complaint: ChatError | None = None
        try:
            async for received in self._socket:
                match parse(received):
                    case Failure("", error):
                        complaint = error
                    case None:
                        pass
                    case frame:
                        self._sort(frame)
        except ConnectionClosed:
            pass
        except NotUnderstood as error:
            complaint = error
            await self._socket.close()
        finally:
            self._lose(complaint)

    def _sort(self, frame: Frame) -> None:
        request = self._requests.get(frame.request_id)
        if request is not None:
            request.received.put_nowait(frame)
        if isinstance(frame, LAST) and (ended := self._left.pop(frame.request_id, request)) is not None:
            ended.over.set()

    def _lose(self, complaint: ChatError | None) -> None:
        code = self._socket.close_code
        explained = complaint is not None and (code in EXPLAINED or isinstance(complaint, NotUnderstood))
        self._loss = complaint if explained else Unreachable(f"The connection was lost (close code {code}).")
        for request in (*self._requests.values(), *self._left.values()):
            request.over.set()
            request.received.put_nowait(None)
