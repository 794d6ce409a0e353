"""A link whose keys all begin with a prefix, so that two sites can share a store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from redis_link.address import Address
from redis_link.connection import Command, Reply
from redis_link.link import Link
from redis_link.scripts import Argument, Script
from redis_link.slots import KEYLESS, SCRIPTED, as_bytes

#: Commands all of whose arguments are keys. Every other one here has one key, its first argument.
OF_KEYS = {"DEL", "EXISTS", "UNLINK"}


class PrefixedLink:
    """The ``link`` of a site whose keys begin with ``prefix``, which must not contain braces."""

    def __init__(self, link: Link, prefix: str) -> None:
        self.address = link.address
        self._link = link
        self._prefix = prefix.encode()

    async def open(self) -> None:
        """See Link."""
        await self._link.open()

    async def close(self) -> None:
        """See Link."""
        await self._link.close()

    async def execute(self, *command: Argument) -> Reply:
        """See Link."""
        return await self._link.execute(*self._named(command))

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await self._link.pipeline(*map(self._named, commands))

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """See Link."""
        return await self._link.replies(list(map(self._named, commands)))

    async def gather(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await self._link.gather(*map(self._named, commands))

    async def settle(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return await self._link.settle(*map(self._named, commands))

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """See Link."""
        return await self._link.run(script, list(map(self._key, keys)), arguments)

    async def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """See Link. The keys are returned without the prefix."""
        async for key in self._link.scan(self._prefix.decode() + pattern):
            yield key.removeprefix(self._prefix)

    async def ask_each(self, *command: Argument) -> list[tuple[Address, Reply]]:
        """See Link."""
        return await self._link.ask_each(*command)

    def home(self, key: Argument) -> Address:
        """See Link."""
        return self._link.home(self._key(key))

    def doubt(self) -> None:
        """See Link."""
        self._link.doubt()

    def _key(self, key: Argument) -> bytes:
        return self._prefix + as_bytes(key)

    def _named(self, command: Command) -> Command:
        """``command`` about the site's own keys."""
        name = command[0]
        if name in KEYLESS:
            return command
        first = 3 if name in SCRIPTED else 1
        end = 3 + int(command[2]) if name in SCRIPTED else len(command) if name in OF_KEYS else 2
        return (*command[:first], *map(self._key, command[first:end]), *command[end:])


def prefixed(link: Link, prefix: str) -> Link:
    """``link``, with the ``prefix`` of a site if it has one."""
    return PrefixedLink(link, prefix) if prefix else link
