"""A connection to Redis that all requests of this process share.

Redis answers commands in the order in which they were sent, so a queue of futures is all the bookkeeping needed: no
pool, no lock, no timer per request. When the connection is lost, commands under way fail with a clear error, and it
is re-established with backoff. docs/memory-server.md shows what this gains.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import Protocol, TypedDict

from redis_link.address import Address
from redis_link.connection import LOST, Command, Connection, Reply, checked, dial
from redis_link.discovery import Discovery
from redis_link.exceptions import ConnectionLost, RedisLinkError, StoreError, StoreRefused, StoreUnavailable
from redis_link.pauses import RECONNECT_GRACE, Pauses
from redis_link.reasons import reason
from redis_link.scripts import Argument, Script

logger = logging.getLogger(__name__)

#: Seconds between two questions to a sentinel: until it is asked, writes go to a primary that is being replaced.
LOOK_AGAIN = 0.25
#: Seconds for which opening a link keeps trying to reach Redis.
OPEN_GRACE = 3.0


class Link(Protocol):
    """The interface between the store and Redis: a shared connection to one server, or to a cluster."""

    address: Address

    async def open(self) -> None:
        """Connect. Raises `StoreUnavailable`: Redis cannot be reached or used."""

    async def close(self) -> None:
        """Disconnect. Commands under way fail."""

    async def execute(self, *command: Argument) -> Reply:
        """The reply to one command. Raises `StoreRefused`: it is an error. Raises `StoreUnavailable`: none came."""

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """The replies to ``commands``, sent together and executed in this order. Only the last may be a script."""

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """Like ``pipeline``, but errors are returned among the replies, since other commands may have succeeded."""

    async def gather(self, *commands: Command) -> list[Reply]:
        """The replies to ``commands``, executed in any order: use it to ask about many sessions at once."""

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """The reply of a Lua script."""

    async def settle(self, *commands: Command) -> list[Reply]:
        """Like ``gather``, but every error is returned among the replies, also that a command's server is away."""

    async def ask_each(self, *command: Argument) -> list[tuple[Address, Reply]]:
        """The reply of each server that has keys to a ``command`` without a key. Errors are returned among them."""

    def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """All keys that match ``pattern``. Keys may repeat, and ones added or removed meanwhile may be included."""

    def home(self, key: Argument) -> Address:
        """The server that has ``key``, or a channel of sharded pub/sub. Raises `StoreUnavailable`: not known."""

    def doubt(self) -> None:
        """Look again, in the background, which server has what."""


class LinkOptions(TypedDict, total=False):
    """The options of every link; see `RedisLink`, which has their defaults."""

    timeout: float
    scripts: Sequence[Script]
    refusal: Callable[[str], StoreRefused]
    on_reply: Callable[[float], None]


class RedisLink:
    """A shared connection to one Redis server, or to the primary that sentinels know, that reconnects automatically.

    ``timeout``: seconds to wait for any answer. ``scripts``: loaded on each connection. ``refusal``: makes an exception
    of an error that Redis answers. ``on_reply``: called with the seconds that each reply took.
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
        self._discovery = Discovery(address, timeout)
        self._look_every = min(timeout / 4, LOOK_AGAIN) if self._discovery.dynamic else timeout / 4
        self._sources = {script.sha: script.source for script in scripts}
        self._limit = limit
        self._connection: Connection | None = None
        self._connected = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and stay connected. Raises `StoreUnavailable`: Redis cannot be reached or used.

        Waits briefly for a Redis that is starting, and as long as needed for one that is loading its data.
        """
        connection = await self._first_connection()
        self._keeper = asyncio.create_task(self._keep_connected(connection), name="redis link")
        await self._connected.wait()

    def begin(self) -> None:
        """Connect in the background, however long it takes. Commands wait briefly for the connection."""
        self._keeper = asyncio.create_task(self._keep_connected(None), name="redis link")

    @property
    def connected(self) -> bool:
        """Whether a command would be sent at once. A connection that did not answer in time is dropped."""
        return self._connection is not None

    def silent(self, seconds: float) -> bool:
        """Whether a command has waited for its reply for more than ``seconds``."""
        return self._connection is not None and self._connection.stalled(seconds)

    async def _first_connection(self) -> Connection:
        deadline, untried = monotonic() + OPEN_GRACE, self._discovery.tries
        while True:
            try:
                return await self._connect()
            except StoreUnavailable as error:
                untried -= 1
                if untried < 1 and monotonic() > deadline and "LOADING" not in str(error):
                    raise
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Disconnect. Commands under way fail with `StoreUnavailable`."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._connection is not None:
            self._connection.abort()
        self._discovery.close()

    async def execute(self, *command: Argument) -> Reply:
        """See Link."""
        return checked((await self.replies((command,)))[0])

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return [checked(reply) for reply in await self.replies(commands)]

    async def gather(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await self.pipeline(*commands)

    async def settle(self, *commands: Command) -> list[Reply]:
        """See Link."""
        try:
            return await self.replies(commands)
        except StoreError as error:
            return [error] * len(commands)

    async def ask_each(self, *command: Argument) -> list[tuple[Address, Reply]]:
        """See Link."""
        return [(self.home(""), reply) for reply in await self.settle(command)]

    def home(self, key: Argument) -> Address:
        """See Link."""
        if self._discovery.known is None:
            raise StoreUnavailable(f"Redis at {self.address} cannot be reached.")
        return self._discovery.known

    def doubt(self) -> None:
        """See Link. Where the server is, is looked at all the time."""

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
            if isinstance(reply, StoreRefused):
                replies[index] = await self._despite(reply, connection, commands[index])
        return replies

    async def _despite(self, refusal: StoreRefused, connection: Connection, command: Command) -> Reply:
        """The reply to a refused ``command`` after all, or the ``refusal``.

        A server that is no longer the primary is left: its name, or a sentinel, may lead to the one that is. Raises
        `ConnectionLost`: a sentinel will.
        """
        if str(refusal).startswith("NOSCRIPT"):
            return (await connection.ask([self._with_source(command)], 1))[0]
        if str(refusal).startswith("READONLY"):
            self._forget(connection)
            connection.abort()
            if self._discovery.dynamic:
                raise ConnectionLost(LOST) from refusal
        return refusal

    def _with_source(self, command: Command) -> Command:
        """The EVAL that replaces an EVALSHA whose script Redis no longer has."""
        return ("EVAL", self._sources[str(command[1])], *command[2:])

    async def _wait_for_connection(self) -> Connection:
        try:
            async with asyncio.timeout(RECONNECT_GRACE):
                await self._connected.wait()
        except TimeoutError:
            raise StoreUnavailable(f"Redis at {self.address} cannot be reached.") from None
        if self._connection is None:
            raise ConnectionLost(LOST)
        return self._connection

    async def _connect(self) -> Connection:
        """A new connection, logged in and with the scripts loaded."""
        connection = Connection(self._limit, self._forget, self.on_reply, self.refusal)
        try:
            async with asyncio.timeout(self._discovery.within):
                server = await self._discovery.find()
                await dial(server, lambda: connection)
                await self._greet(connection, server)
        except (OSError, TimeoutError, RedisLinkError) as error:
            connection.abort()
            raise StoreUnavailable(f"Redis at {self.address} cannot be used: {reason(error, self.address)}") from error
        except asyncio.CancelledError:
            connection.abort()
            raise
        return connection

    async def _greet(self, connection: Connection, server: Address) -> None:
        scripts = [("SCRIPT", "LOAD", script.source) for script in self.scripts]
        greeting = [*server.greeting, *scripts]
        replies = await connection.ask(greeting, len(greeting))
        for command, reply in zip(greeting, replies, strict=True):
            if command[0] == "SELECT" and isinstance(reply, StoreRefused):
                raise StoreUnavailable(f"it has no database {server.database}; a Cluster has only 0.")
            checked(reply)
        await self._discovery.confirm(connection)

    async def _keep_connected(self, connection: Connection | None) -> None:
        while True:
            connection = connection or await self._connect_with_backoff()
            if not connection.lost.done():
                self._connection = connection
                self._connected.set()
            while not connection.lost.done():
                await asyncio.wait([connection.lost], timeout=self._look_every)
                if connection.stalled(self.answer_within):
                    logger.warning("Redis did not answer for %g s; reconnecting.", self.answer_within)
                    connection.give_up()
                elif await self._discovery.moved():
                    logger.warning("Redis at %s is %s now.", self.address, self._discovery.known)
                    connection.abort()
            connection = await self._connect_with_backoff()
            logger.info("Reconnected to Redis at %s.", self._discovery.known)

    def _forget(self, connection: Connection) -> None:
        """Send no more commands to a lost connection."""
        if connection is self._connection:
            self._connection = None
            self._connected.clear()

    async def _connect_with_backoff(self) -> Connection:
        pauses = Pauses()
        while True:
            try:
                return await self._connect()
            except StoreUnavailable as error:
                await pauses.after(error)
