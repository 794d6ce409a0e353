"""One connection to Redis that is subscribed to channels of sharded pub/sub, until it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, cast

import hiredis

from redis_link.address import Address
from redis_link.connection import Command, Reply, dial, pack
from redis_link.exceptions import RedisLinkError, StoreRefused, StoreUnavailable
from redis_link.reasons import reason

logger = logging.getLogger(__name__)

#: The first words of errors about channels that another node has, or that no node can serve now.
ELSEWHERE = ("MOVED", "CLUSTERDOWN", "ASK", "TRYAGAIN", "LOADING")


class Listener(Protocol):
    """Learns what a connection hears."""

    def heard(self, channel: bytes) -> None:
        """Something was published, or the subscription was made: what was published before it was missed."""

    def ended(self, hearing: Hearing, channel: bytes) -> None:
        """The server has ended the subscription, or refused it: another node has the channel."""

    def lost(self, hearing: Hearing) -> None:
        """The connection was lost, and with it every subscription."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command whose reply has not come. ``channel``: what it subscribes to or, if ``ends``, unsubscribes from."""

    since: float
    channel: bytes | None = None
    ends: bool = False


class Hearing(asyncio.Protocol):
    """A subscribed connection to the server at ``address``. Replies are matched in order, as in `Connection`."""

    def __init__(self, address: Address, listener: Listener) -> None:
        self.address = address
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=StoreRefused, notEnoughData=NotImplemented)
        self._asked: deque[_Asked] = deque()
        self._outbox: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._greeted: asyncio.Future[None] = self._loop.create_future()
        self._lost = False

    async def open(self, within: float) -> None:
        """Connect and log in. Raises `StoreUnavailable`: not possible ``within`` these seconds."""
        try:
            async with asyncio.timeout(within):
                await dial(self.address, lambda: self)
                for command in self.address.greeting:
                    self._ask(command)
                await self._greeted
        except (OSError, TimeoutError, RedisLinkError) as error:
            self.abort()
            why = reason(error, self.address)
            raise StoreUnavailable(f"Redis at {self.address} cannot be listened to: {why}") from error
        except asyncio.CancelledError:
            self.abort()
            raise

    def subscribe(self, channel: bytes) -> None:
        """Subscribe to ``channel``. The listener learns whether that succeeds."""
        self._ask(("SSUBSCRIBE", channel), channel)

    def unsubscribe(self, channel: bytes) -> None:
        """End the subscription to ``channel``."""
        self._ask(("SUNSUBSCRIBE", channel), channel, ends=True)

    def check(self, timeout: float) -> None:
        """Ping the server; drop the connection if a reply has been due for more than ``timeout`` seconds."""
        if not self._asked:
            self._ask(("PING",))
        elif monotonic() - self._asked[0].since > timeout:
            logger.warning("Redis did not answer for %g s; its bells are listened to again.", timeout)
            self.abort()

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # --- called by asyncio ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is established."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        """Pass on what was heard."""
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not NotImplemented:
                self._take(reply)
        except (hiredis.ProtocolError, IndexError):
            logger.warning("Redis sent an invalid reply; its bells are listened to again.")
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """All subscriptions have ended."""
        self._lost = True
        if not self._greeted.done():
            self._greeted.set_exception(StoreUnavailable("the connection was lost"))
            self._greeted.exception()  # retrieved, even if nobody waits any more
        self._listener.lost(self)

    # --- inner ----------------------------------------------------------------------------------------------------

    def _ask(self, command: Command, channel: bytes | None = None, *, ends: bool = False) -> None:
        if self._lost:
            return
        if not self._outbox:
            self._loop.call_soon(self._flush)
        self._outbox.append(pack(command))
        self._asked.append(_Asked(monotonic(), channel, ends))

    def _flush(self) -> None:
        outbox, self._outbox = self._outbox, []
        if self._transport is not None and not self._lost:
            self._transport.write(b"".join(outbox))

    def _take(self, reply: Reply) -> None:
        """Take one reply or push. Raises `IndexError`: it is the reply to nothing that was asked."""
        match reply:
            case [b"smessage", channel, _]:
                self._listener.heard(channel)
            case [b"ssubscribe", channel, _]:
                self._answered(channel)
                self._listener.heard(channel)
            case [b"sunsubscribe", channel, _]:
                if self._asked and self._asked[0].ends and self._asked[0].channel == channel:
                    self._asked.popleft()
                else:  # not by request: its slot has moved
                    self._listener.ended(self, channel)
            case StoreRefused():
                self._refused(reply)
            case _:  # to a greeting or a ping
                self._answered(None)

    def _answered(self, channel: bytes | None) -> None:
        if self._asked.popleft().channel != channel:
            raise IndexError
        if channel is None and not self._asked and not self._greeted.done():
            self._greeted.set_result(None)

    def _refused(self, refusal: StoreRefused) -> None:
        asked = self._asked.popleft()
        if not str(refusal).startswith(ELSEWHERE):
            logger.warning("Redis refused a subscription: %s", refusal)
        if not self._greeted.done():
            self._greeted.set_exception(refusal)
        elif asked.channel is not None and not asked.ends:
            self._listener.ended(self, asked.channel)
