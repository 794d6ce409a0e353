"""The base of the consumers: work is done in separate tasks, so that frames are received while an answer streams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer

from chat.components import Components, components
from chat.domain.exceptions import AccessDenied, ChatError, InvalidFrame, RunLogUnreachable, TooManyFrames
from chat.grants.credentials import Credential, Visit
from chat.metrics import metrics
from chat.sockets.forgetting import take_text
from chat.sockets.frame_limit import FrameLimit
from chat.sockets.lag import Lag
from chat.sockets.open_sockets import open_sockets
from chat.sockets.present import RESTARTING, present_sockets
from chat.sockets.stops import Stops
from chat.sockets.tasks import end_all
from chat.web.addresses import network_of
from chat.web.asker import name_asker
from chat.web.handshake import Scope, header, offer_to_accept, read_credential
from chat.web.page_limit import page_limit

logger = logging.getLogger(__name__)

#: The close code after an unexpected error; the client reconnects.
BROKEN = 4011
#: The close code for a client that does not read; it may reconnect.
UNREAD = 4014

#: Seconds that a client may take to read what is waiting for it.
UNREAD_FOR = 60.0

#: Raised by servers when the client has just left, before Channels reports it: the error that ASGI specifies, or
#: Daphne's error about the connection's state.
LEFT = (OSError, RuntimeError)
_LEAVING = suppress(*LEFT)


class SocketConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no annotations
    """One socket. ``parts`` returns the components to use, by default this process's.

    A subclass handles frames in `take`, and reports what is wrong with one in `refuse`.
    """

    #: The name of the door in the metrics.
    door = ""

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        super().__init__()
        self._parts = parts
        self._frame_limit = FrameLimit()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stops = Stops()
        self._closing = False
        self._lag: Lag
        self._context: Context
        self._network: str | None = None
        self._credential: Credential | None = None
        self._places: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve the socket until it closes. Daphne may cancel this without reporting that the client has left."""
        self._lag = Lag(send)
        self._context = copy_context()
        present_sockets().add(self)
        try:
            await super().__call__(scope, receive, send)
        finally:
            present_sockets().discard(self)
            open_sockets().leave(self._places)
            if self._credential is not None:
                self._parts().grants.endings.unwatch(self._credential.grants, self._access_ended)
            await end_all(self._tasks)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle what the server reports. Channels would look for old connections to the database first, in a thread.

        Sockets use none.
        """
        await getattr(self, get_handler_name(message))(message)

    @property
    def owner(self) -> str | None:
        """The owner; None until it is authenticated."""
        return self._credential.owner if self._credential else None

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """Handle the handshake. In a process that ends, the client is sent to another."""
        if present_sockets().leaving:
            await self.accept(offer_to_accept(self.scope["subprotocols"]))
            await self.close(RESTARTING)
        else:
            await super().websocket_connect(message)

    def may_begin(self) -> bool:
        """Whether a turn may begin here. A process that ends closes the socket: the client begins it elsewhere."""
        if present_sockets().leaving:
            self._spawn(self.close(RESTARTING))
        return not present_sockets().leaving

    async def authenticate(self) -> str:
        """The owner of the socket, which is closed when its credential is taken back.

        Raises `AccessDenied`: there is no credential that holds; `RunLogUnreachable`: Redis does not know.
        """
        credential, parts = read_credential(self.scope), self._parts()
        self._credential = credential
        parts.grants.endings.watch(credential.grants, self._access_ended)
        self._access = await parts.grants.confirm(credential, header(self.scope, b"origin"))
        return credential.owner

    def _access_ended(self) -> None:
        if self._credential is not None and not self._closing:
            self._spawn(self._end_access(self._credential))

    async def _end_access(self, credential: Credential) -> None:
        """Expel the socket, unless its visit began behind the end of all visits that was announced."""
        if isinstance(credential, Visit):
            with suppress(RunLogUnreachable):
                if not await self._parts().grants.visits.is_over(credential):
                    return
        await self.expel(credential.refusal())

    async def expel(self, error: AccessDenied) -> None:
        """Say that the socket has no access any more, and close it."""
        raise NotImplementedError

    def admit(self, owner: str) -> None:
        """Count the socket as one of ``owner`` until it closes.

        Raises `TooManySockets`: too many are open; `TooManyPages`: too many were opened within a minute.
        """
        self._network = network_of(self.scope)
        self._context.run(name_asker, owner, self._network)
        page_limit().take(owner, self._network)
        self._places = open_sockets().admit(owner, self._network)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Handle a frame, or report what is wrong with it. Frames on a closing socket are ignored."""
        text = take_text(message)
        if self._closing:
            return
        try:
            self._frame_limit.take()
            if text is None:
                raise InvalidFrame("binary")
            await self.take(text)
        except ChatError as error:
            await self._refuse_frame(text or "", error)

    async def _refuse_frame(self, text: str, error: ChatError) -> None:
        """Refuse a frame. A client loses its socket that does not read the answers, or that goes on all the same.

        Waiting for it here would collect its further frames in the server.
        """
        await (self.close(UNREAD) if self._lag else self.refuse(text, error))
        if isinstance(error, TooManyFrames) and self._frame_limit.defied:
            await self.close(error.close_code)

    async def take(self, text: str) -> None:
        """Begin the request in the frame ``text``. Raises `ChatError`: nothing was begun."""
        raise NotImplementedError

    async def refuse(self, text: str, error: ChatError) -> None:
        """Report what is wrong with the frame ``text`` ("" for a binary one)."""
        raise NotImplementedError

    def count(self, error: ChatError) -> None:
        """Count an error that the client is shown."""
        metrics().errors.add(1, self.door, error.code)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the socket, once. Frames sent afterwards are dropped, since some servers treat them as an error."""
        if not self._closing:
            self._closing = True
            with _LEAVING:
                await super().close(code, reason)

    async def _put(self, frame: str) -> None:
        """Send ``frame`` when the client has read enough of the earlier ones."""
        if self._lag.watch():
            await self._until_read()
        if not self._closing:
            with _LEAVING:
                await self.send(text_data=frame)

    async def _until_read(self) -> None:
        """Return when the client has read enough of the earlier frames. If it does not read, close the socket."""
        try:
            async with asyncio.timeout(UNREAD_FOR):
                await self._lag.over()
        except TimeoutError:
            await self.close(UNREAD)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        # Whatever began it: the end of a visit is noticed in the context of another socket, maybe of another language.
        task = asyncio.create_task(work, context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        """The boundary at which an unforeseen error closes the socket, so that the client reconnects."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A task of a websocket failed unexpectedly.", exc_info=error)
            self._spawn(self.close(BROKEN))
