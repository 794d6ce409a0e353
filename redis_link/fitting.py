"""A link that connects when it is first used, to one server or to the whole Cluster of a node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Unpack

from redis_link.address import Address
from redis_link.cluster import fitting_link
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreError, StoreUnavailable
from redis_link.fitness import Server, fields_of, too_old
from redis_link.link import Link, LinkOptions, RedisLink
from redis_link.pauses import RECONNECT_GRACE, Pauses
from redis_link.scripts import Argument, Script


class FittingLink:
    """A link that can be made before there is an event loop, and before there is a Redis.

    The first command, or `begin`, connects in the background, however long it takes. Until then commands wait briefly
    and then fail. The options are those of `RedisLink`.
    """

    def __init__(self, address: Address, **options: Unpack[LinkOptions]) -> None:
        self.address = address
        self._options = options
        self._link: Link | None = None
        self._opening: asyncio.Task[None] | None = None
        self._reason = f"Redis at {address} cannot be reached."

    def begin(self) -> asyncio.Task[None]:
        """Connect in the background; the task ends once connected. Calling it again changes nothing."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open_at_last(), name="redis link")
        return self._opening

    async def open(self) -> None:
        """See Link. Does not wait for a Redis that is starting, but goes on trying to reach it."""
        await self._opened()

    async def close(self) -> None:
        """See Link."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._link is not None:
            await self._link.close()
        self._link = self._opening = None

    async def execute(self, *command: Argument) -> Reply:
        """See Link."""
        return await (self._link or await self._opened()).execute(*command)

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await (self._link or await self._opened()).pipeline(*commands)

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """See Link."""
        return await (self._link or await self._opened()).replies(commands)

    async def gather(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await (self._link or await self._opened()).gather(*commands)

    async def settle(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await (self._link or await self._opened()).settle(*commands)

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """See Link."""
        return await (self._link or await self._opened()).run(script, keys, arguments)

    async def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """See Link."""
        async for key in (self._link or await self._opened()).scan(pattern):
            yield key

    async def ask_each(self, *command: Argument) -> list[tuple[Address, Reply]]:
        """See Link."""
        return await (self._link or await self._opened()).ask_each(*command)

    def home(self, key: Argument) -> Address:
        """See Link."""
        if self._link is None:
            raise StoreUnavailable(self._reason)
        return self._link.home(key)

    def doubt(self) -> None:
        """See Link."""
        if self._link is None:
            self.begin()
        else:
            self._link.doubt()

    # --- inner ----------------------------------------------------------------------------------------------------

    async def _opened(self) -> Link:
        await asyncio.wait([self.begin()], timeout=RECONNECT_GRACE)
        if self._link is None:
            raise StoreUnavailable(self._reason)
        return self._link

    async def _open_at_last(self) -> None:
        pauses = Pauses()
        while self._link is None:
            try:
                self._link = await self._open()
            except StoreError as error:
                self._reason = str(error)
                await pauses.after(error)

    async def _open(self) -> Link:
        return await opened(RedisLink(self.address, **self._options))


async def opened(link: RedisLink) -> Link:
    """``link`` after connecting, or a link to the whole cluster of its node.

    Raises `StoreUnavailable`: the server cannot be reached, or is too old. Then ``link`` is closed.
    """
    try:
        await link.open()
        if why := too_old(Server(str(link.address), fields_of(await link.execute("INFO", "server")))):
            raise StoreUnavailable(f"Redis at {link.address} {why}")
        return await fitting_link(link)
    except BaseException:
        await link.close()
        raise
