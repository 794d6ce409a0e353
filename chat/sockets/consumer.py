"""The base of the consumers: work is done in separate tasks, so that frames are received while an answer streams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from chat.components import Components, components
from chat.domain.exceptions import ChatError, InvalidFrame
from chat.sockets.forgetting import take_text
from chat.sockets.frame_limit import FrameLimit
from chat.sockets.tasks import end_all
from chat.web.handshake import Scope

logger = logging.getLogger(__name__)

#: The close code after an unexpected error; the client reconnects.
BROKEN = 4011

#: Raised by servers when the client has just left, before Channels reports it: the error that ASGI specifies, or
#: Daphne's error about the connection's state.
LEFT = (OSError, RuntimeError)


class SocketConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no annotations
    """One socket. ``parts`` returns the components to use, by default this process's.

    A subclass handles frames in `take`, and reports what is wrong with one in `refuse`.
    """

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        super().__init__()
        self._parts = parts
        self._frame_limit = FrameLimit()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve the socket until it closes. Daphne may cancel this without reporting that the client has left."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await end_all(self._tasks)

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
            await self.refuse(text or "", error)

    async def take(self, text: str) -> None:
        """Begin the request in the frame ``text``. Raises `ChatError`: nothing was begun."""
        raise NotImplementedError

    async def refuse(self, text: str, error: ChatError) -> None:
        """Report what is wrong with the frame ``text`` ("" for a binary one)."""
        raise NotImplementedError

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the socket, once. Frames sent afterwards are dropped, since some servers treat them as an error."""
        if not self._closing:
            self._closing = True
            with suppress(*LEFT):
                await super().close(code, reason)

    async def _put(self, frame: str) -> None:
        if not self._closing:
            with suppress(*LEFT):
                await self.send(text_data=frame)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """The boundary at which an unforeseen error closes the socket, so that the client reconnects."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A task of a websocket failed unexpectedly.", exc_info=error)
            self._spawn(self.close(BROKEN))
