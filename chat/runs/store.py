"""The site's Redis, as runs and grants use it: errors are the chat's own, and lost connections are made good."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import TypeVar

from chat.domain.exceptions import RunLogUnreachable
from chat.runs.outages import outage
from redis_link.connection import Command, Reply
from redis_link.exceptions import ConnectionLost, StoreError
from redis_link.link import Link
from redis_link.scripts import Argument, Script

T = TypeVar("T")

#: Seconds before each of the times that a command is sent again.
PAUSES = (0.05, 0.1, 0.2)


class Store:
    """Every method raises `RunLogUnreachable`: Redis, or the node that has a key, did not answer or refused.

    What a lost connection has interrupted is sent again, three times within half a second. A Redis that has to write
    to its disk at once ends when it cannot: so an outage while ``disk_is_full`` is blamed on the disk, and nothing is
    sent again, which would end the next Redis, too. ``on_outage`` is called for each that is reported.
    """

    def __init__(
        self,
        link: Link,
        disk_is_full: Callable[[], bool] = lambda: False,
        on_outage: Callable[[], None] = lambda: None,
    ) -> None:
        self._link = link
        self._disk_is_full = disk_is_full
        self._on_outage = on_outage

    async def ask(self, *command: Argument) -> Reply:
        """The reply to a command that may be sent again."""
        return await self._persist(lambda: self._link.execute(*command))

    async def ask_all(self, *commands: Command) -> list[Reply]:
        """The replies to commands that may be sent again, in this order and in one round trip where they are at home.

        Only the last may be a script.
        """
        return await self._persist(lambda: self._link.pipeline(*commands))

    async def ask_many(self, *commands: Command) -> list[Reply]:
        """The replies to commands that may be sent again, in any order."""
        return await self._persist(lambda: self._link.gather(*commands))

    async def run(self, script: Script, keys: Sequence[Argument], *arguments: Argument) -> Reply:
        """The result of a script that may run again."""
        return await self.ask(*script.call(keys, arguments))

    async def ask_once(self, *command: Argument) -> Reply:
        """The reply to a command that must not be sent again, like one that counts."""
        try:
            return await self._link.execute(*command)
        except StoreError as error:
            raise self._outage(error) from error

    async def settle(self, *commands: Command) -> list[Reply | RunLogUnreachable]:
        """The replies to commands in any order. An outage is returned in its place, and nothing is sent again."""
        try:
            replies = await self._link.settle(*commands)
        except StoreError as error:
            raise self._outage(error) from error
        return [self._outage(reply) if isinstance(reply, StoreError) else reply for reply in replies]

    async def _persist(self, send: Callable[[], Awaitable[T]]) -> T:
        for pause in chain(PAUSES, [None]):
            try:
                return await send()
            except StoreError as error:
                if pause is None or not isinstance(error, ConnectionLost) or self._disk_is_full():
                    raise self._outage(error) from error
                await asyncio.sleep(pause)
        raise AssertionError  # the last failure was raised

    def _outage(self, error: StoreError) -> RunLogUnreachable:
        self._on_outage()
        return outage(error, disk_is_full=self._disk_is_full)
