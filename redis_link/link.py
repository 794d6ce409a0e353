"""A connection to Redis that all requests of this process share.

Commands of all tasks are written in the order they are issued and answered in that order, so a queue of
futures is all the bookkeeping there is: no pool, no lock, no timer a request. A lost connection fails
what was under way with a clear error and is made anew with backoff; see docs/memory-server.md for what it buys.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import Protocol

from redis_link.address import Address
from redis_link.connection import LOST, Command, Connection, Reply
from redis_link.exceptions import StoreError, StoreRefused, StoreUnavailable
from redis_link.scripts import Argument, Script

logger = logging.getLogger(__name__)

#: Seconds a command waits for a connection that is being made anew before it fails.
RECONNECT_GRACE = 1.0
SLOWEST_RECONNECT = 2.0
#: Seconds for which a link that is opened tries to reach Redis.
OPEN_GRACE = 3.0


class Link(Protocol):
    """The seam between the store and Redis: a shared connection to one server, or a cluster's client."""

    address: Address

    async def open(self) -> None:
        """Connect. StoreUnavailable says what is in the way."""

    async def close(self) -> None:
        """Disconnect; commands under way fail."""

    async def execute(self, *command: Argument) -> Reply:
        """Redis's reply to one command. StoreRefused if it is an error, StoreUnavailable if none came."""

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """The replies to ``commands``, sent together and done in this order. Only the last may be a script."""

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """As ``pipeline``, but Redis's errors are among the replies, not raised: what one refused another has done."""

    async def gather(self, *commands: Command) -> list[Reply]:
        """The replies to ``commands``, which may be done in any order: the way to ask about many sessions at once."""

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """The reply of a Lua script."""

    def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """All keys that match ``pattern``; one that comes or goes meanwhile may be among them, some twice."""


class RedisLink:
    """A shared connection to one Redis server that mends itself. ``timeout`` in seconds bounds every answer.

    ``scripts`` are loaded with each connection. ``refusal`` makes the error that is raised for an error of Redis.
    """

    def __init__(
        self,
        address: Address,
        *,
        timeout: float = 5.0,
        limit: int = 10_000,
        scripts: Sequence[Script] = (),
        refusal: Callable[[str], StoreRefused] = StoreRefused,
        on_reply: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.on_reply = on_reply
        self.address = address
        self.answer_within = timeout
        self.scripts = scripts
        self.refusal = refusal
        self._sources = {script.sha: script.source for script in scripts}
        self._limit = limit
        self._connection: Connection | None = None
        self._connected = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and stay connected. StoreUnavailable says why it did not succeed.

        A Redis that is just being started is waited for a little; one that reads its data, until it has.
        """
        connection = await self._first_connection()
        self._keeper = asyncio.create_task(self._keep_connected(connection), name="redis link")
        await self._connected.wait()

    def begin(self) -> None:
        """Connect in the background, however long it takes. Commands wait a little for it."""
        self._keeper = asyncio.create_task(self._keep_connected(None), name="redis link")

    @property
    def connected(self) -> bool:
        """Whether a command would be sent at once. A connection that gave no answer in time is given up."""
        return self._connection is not None

    async def _first_connection(self) -> Connection:
        deadline = monotonic() + OPEN_GRACE
        while True:
            try:
                return await self._connect()
            except StoreUnavailable as error:
                if monotonic() > deadline and "LOADING" not in str(error):
                    raise
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Disconnect; what was under way fails with StoreUnavailable."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._connection is not None:
            self._connection.abort()

    async def execute(self, *command: Argument) -> Reply:
        """See Link."""
        return checked((await self.replies((command,)))[0])

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return [checked(reply) for reply in await self.replies(commands)]

    async def gather(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await self.pipeline(*commands)

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """See Link."""
        return await self.execute(*script.call(keys, arguments))

    async def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """See Link."""
        cursor: Argument = 0
        while True:
            cursor, keys = await self.execute("SCAN", cursor, "MATCH", pattern, "COUNT", 500)
            for key in keys:
                yield key
            if cursor == b"0":
                return

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """See Link."""
        connection = self._connection or await self._wait_for_connection()
        replies = await connection.ask(commands, len(commands))
        for index, reply in enumerate(replies):
            if isinstance(reply, StoreRefused) and str(reply).startswith("NOSCRIPT"):
                replies[index] = (await connection.ask([self._with_source(commands[index])], 1))[0]
        return replies

    def _with_source(self, command: Command) -> Command:
        """An EVALSHA whose script Redis has forgotten, with the source in the place of the digest."""
        return ("EVAL", self._sources[str(command[1])], *command[2:])

    async def _wait_for_connection(self) -> Connection:
        try:
            async with asyncio.timeout(RECONNECT_GRACE):
                await self._connected.wait()
        except TimeoutError:
            raise StoreUnavailable(f"Redis at {self.address} cannot be reached.") from None
        if self._connection is None:
            raise StoreUnavailable(LOST)
        return self._connection

    async def _connect(self) -> Connection:
        """A connection that was greeted and knows the scripts."""
        loop = asyncio.get_running_loop()
        connection = Connection(self._limit, self._forget, self.on_reply, self.refusal)
        try:
            async with asyncio.timeout(self.answer_within):
                if self.address.path:
                    await loop.create_unix_connection(lambda: connection, self.address.path)
                else:
                    await loop.create_connection(
                        lambda: connection, self.address.host, self.address.port, ssl=self.address.ssl
                    )
                await self._greet(connection)
        except (OSError, TimeoutError, StoreError) as error:
            connection.abort()
            raise StoreUnavailable(f"Redis at {self.address} cannot be used: {_reason(error)}") from error
        except asyncio.CancelledError:
            connection.abort()
            raise
        return connection

    async def _greet(self, connection: Connection) -> None:
        scripts = [("SCRIPT", "LOAD", script.source) for script in self.scripts]
        greeting = [*self.address.greeting, *scripts]
        for reply in await connection.ask(greeting, len(greeting)):
            checked(reply)

    async def _keep_connected(self, connection: Connection | None) -> None:
        while True:
            connection = connection or await self._connect_with_backoff()
            if not connection.lost.done():
                self._connection = connection
                self._connected.set()
            while not connection.lost.done():
                await asyncio.wait([connection.lost], timeout=self.answer_within / 4)
                if connection.stalled(self.answer_within):
                    logger.warning("Redis gave no answer for %g s; the connection is made anew.", self.answer_within)
                    connection.abort()
            connection = None

    def _forget(self, connection: Connection) -> None:
        """A lost connection gets no further command."""
        if connection is self._connection:
            self._connection = None
            self._connected.clear()

    async def _connect_with_backoff(self) -> Connection:
        delay = 0.02
        while True:
            try:
                connection = await self._connect()
            except StoreUnavailable as error:
                logger.warning("%s Next try in %.2f s.", error, delay)
                await asyncio.sleep(delay * random.uniform(0.5, 1))
                delay = min(delay * 2, SLOWEST_RECONNECT)
            else:
                logger.info("Connected to Redis at %s again.", self.address)
                return connection


def checked(reply: Reply) -> Reply:
    """``reply``, or the error that Redis answered with."""
    if isinstance(reply, StoreRefused):
        raise reply
    return reply


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer."
    return f"{getattr(error, 'strerror', None) or error}".rstrip(".") + "."
