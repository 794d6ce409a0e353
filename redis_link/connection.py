"""One connection to Redis: commands of all tasks leave in order, replies are handed out in that order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, cast

import hiredis

from redis_link.exceptions import StoreRefused, StoreUnavailable
from redis_link.scripts import Argument

logger = logging.getLogger(__name__)

Command = tuple[Argument, ...]
#: bytes, int, None, or a list of these: what hiredis makes of RESP2.
Reply = Any

#: The C packer takes any tuple of arguments; its stub says one.
pack = cast(Callable[[Command], bytes], hiredis.pack_command)

LOST = "The connection to Redis was lost before it answered."


class _Waiting:
    """Someone waits for ``count`` replies."""

    __slots__ = ("count", "future", "replies", "since")

    def __init__(self, count: int, future: asyncio.Future[list[Reply]]) -> None:
        self.count = count
        self.future = future
        self.replies: list[Reply] = []
        self.since = monotonic()


class Connection(asyncio.Protocol):
    """One connection, until it is lost. Writes of one turn of the event loop leave in one piece."""

    def __init__(
        self,
        limit: int,
        on_lost: Callable[[Connection], None],
        on_reply: Callable[[float], None],
        refusal: Callable[[str], StoreRefused],
    ) -> None:
        self._on_reply = on_reply
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=refusal, notEnoughData=NotImplemented)
        self._waiting: deque[_Waiting] = deque()
        self._outbox: list[bytes] = []
        self._limit = limit
        self._transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[None] = self._loop.create_future()

    def ask(self, commands: Iterable[Command], count: int) -> asyncio.Future[list[Reply]]:
        """Send ``commands``; the future gets their ``count`` replies."""
        if self.lost.done():
            raise StoreUnavailable(LOST)
        if len(self._waiting) >= self._limit:
            raise StoreUnavailable("Too many requests wait for Redis already.")
        if not self._outbox:
            self._loop.call_soon(self._flush)
        self._outbox.extend(map(pack, commands))
        future: asyncio.Future[list[Reply]] = self._loop.create_future()
        self._waiting.append(_Waiting(count, future))
        return future

    def stalled(self, timeout: float) -> bool:
        """Whether the oldest question has waited for more than ``timeout`` seconds."""
        return bool(self._waiting) and monotonic() - self._waiting[0].since > timeout

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        outbox, self._outbox = self._outbox, []
        if self._transport is not None and not self.lost.done():
            self._transport.write(b"".join(outbox))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the connection stands."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by class

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came; hand complete replies to those who wait, oldest first."""
        reader, waiting, now = self._reader, self._waiting, monotonic()
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not NotImplemented:
                head = waiting[0]
                head.replies.append(reply)
                if len(head.replies) == head.count:
                    waiting.popleft()
                    self._on_reply(now - head.since)
                    if not head.future.done():
                        head.future.set_result(head.replies)
        except (hiredis.ProtocolError, IndexError):
            logger.warning("Redis sent what is no reply; the connection is made anew.")
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is gone; so is every answer still waited for."""
        if not self.lost.done():
            self.lost.set_result(None)
            self._on_lost(self)
        while self._waiting:
            future = self._waiting.popleft().future
            if not future.done():
                future.set_exception(StoreUnavailable(LOST))
