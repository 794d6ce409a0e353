"""Gates: an owner, or a network, with many requests waits for them, instead of everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar
from weakref import WeakValueDictionary

from chat.web.asker import Asker

T = TypeVar("T")

#: Requests of one owner that may load something at the same time in one process.
AT_A_TIME = 2


class Gates:
    """A semaphore for each owner or network, which exists as long as there is a reference to it."""

    def __init__(self, at_a_time: int = AT_A_TIME) -> None:
        self._at_a_time = at_a_time
        self._gates: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, owner: str) -> asyncio.Semaphore:
        """The semaphore that all sockets of ``owner`` share."""
        return self._gates.setdefault(owner, asyncio.Semaphore(self._at_a_time))

    def __len__(self) -> int:
        """The number of owners with a gate."""
        return len(self._gates)


class AskerGates:
    """Lets in one request of each visitor at a time, and one of each network.

    So networks take turns, and so do the visitors of each, however much one of them asks for.
    """

    def __init__(self) -> None:
        self._visitors, self._networks = Gates(1), Gates(1)

    @asynccontextmanager
    async def of(self, asker: Asker) -> AsyncIterator[None]:
        """Wait for the asker's turn, and hold it inside the block."""
        async with self._visitors.of(asker.visitor), self._networks.of(asker.network):
            yield


async def through(gate: asyncio.Semaphore, source: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """The items of ``source``, of which the first is loaded and used inside ``gate``. Closes ``source``."""
    async with aclosing(source):
        async with gate:
            async for item in source:
                yield item
                del item
                break
        async for item in source:
            yield item
            del item


#: For looking up which answer a resume is for.
lookups = Gates()
