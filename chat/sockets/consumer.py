"""What the consumers share: work in tasks of its own, so that a frame is heard while an answer streams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from autobahn.exception import Disconnected
from channels.generic.websocket import AsyncWebsocketConsumer

from chat.components import Components, components
from chat.sockets.frame_limit import Pace
from chat.sockets.tasks import end_all
from chat.web.handshake import Scope

logger = logging.getLogger(__name__)

#: The close code of a socket whose work broke; its client comes back.
BROKEN = 4011


class SocketConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no annotations
    """One socket. ``parts`` gives what it works with: by default, this process's own."""

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        super().__init__()
        self._parts = parts
        self._pace = Pace()
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken = False

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve the socket until it closes. Daphne may cancel this without ever saying that the client left."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await end_all(self._tasks)

    async def _put(self, frame: str) -> None:
        with suppress(Disconnected):  # the client left a moment ago; Channels says so next
            await self.send(text_data=frame)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """The boundary at which an unforeseen error becomes a new beginning: the client connects again."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A task of a websocket failed in a way nobody foresaw.", exc_info=error)
            if not self._broken:  # the failed task may be the one that closes
                self._broken = True
                self._spawn(self.close(BROKEN))
