"""One connection to Redis: the commands of all tasks are sent in order, and replies are matched in that order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, cast

import hiredis

from redis_link.address import Address
from redis_link.exceptions import ConnectionLost, StoreError, StoreRefused, StoreUnavailable
from redis_link.scripts import Argument

logger = logging.getLogger(__name__)

Command = tuple[Argument, ...]
#: bytes, int, None, or a list of these: hiredis's types for RESP2.
Reply = Any

#: The C packer takes a tuple of any length; its stub says a tuple of one.
pack = cast(Callable[[Command], bytes], hiredis.pack_command)

LOST = "The connection to Redis was lost before it answered."


async def dial(address: Address, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
    """Connect a ``protocol`` to the server at ``address``. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    if address.path:
        await loop.create_unix_connection(protocol, address.path)
    else:
        await loop.create_connection(protocol, address.host, address.port, ssl=address.ssl)


def checked(reply: Reply) -> Reply:
    """``reply``. Raises `StoreError`: it is an error."""
    if isinstance(reply, StoreError):
        raise reply
    return reply


class _Waiting:
    """A caller that waits for ``count`` replies."""

    __slots__ = ("count", "future", "replies", "since")

    def __init__(self, count: int, future: asyncio.Future[list[Reply]]) -> None:
        self.count = count
        self.future = future
        self.replies: list[Reply] = []
        self.since = monotonic()


class Connection(asyncio.Protocol):
    """One connection, until it is lost. Commands issued in one turn of the event loop are sent in one write."""

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
        self._silent = False
        self.lost: asyncio.Future[None] = self._loop.create_future()

    def ask(self, commands: Iterable[Command], count: int) -> asyncio.Future[list[Reply]]:
        """Send ``commands``; the future resolves to their ``count`` replies."""
        if self.lost.done():
            raise ConnectionLost(LOST)
        future: asyncio.Future[list[Reply]] = self._loop.create_future()
        if not count:  # in the queue, it would take the reply to the next question
            future.set_result([])
            return future
        if len(self._waiting) >= self._limit:
            raise StoreUnavailable("Too many requests are already waiting for Redis.")
        if not self._outbox:
            self._loop.call_soon(self._flush)
        self._outbox.extend(map(pack, commands))
        self._waiting.append(_Waiting(count, future))
        return future

    def stalled(self, timeout: float) -> bool:
        """Whether the oldest request has waited for more than ``timeout`` seconds."""
        return bool(self._waiting) and monotonic() - self._waiting[0].since > timeout

    def give_up(self) -> None:
        """Drop the connection because no answer came in time."""
        self._silent = True
        self.abort()

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        outbox, self._outbox = self._outbox, []
        if self._transport is not None and not self.lost.done():
            self._transport.write(b"".join(outbox))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: the connection is established."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: hand complete replies to their callers, oldest first."""
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
            logger.warning("Redis sent an invalid reply; reconnecting.")
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: fail every request that is still waiting."""
        if not self.lost.done():
            self.lost.set_result(None)
            self._on_lost(self)
        kind = StoreUnavailable if self._silent else ConnectionLost
        while self._waiting:
            future = self._waiting.popleft().future
            if not future.done():
                future.set_exception(kind(LOST))
