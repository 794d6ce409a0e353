"""Leases in Redis, which keep replicas from working on one session at once.

A lease only saves work. Correctness never depends on one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from motorhead.store.scripts import RELEASE, RENEW
from redis_link.connection import Command, Reply, checked
from redis_link.exceptions import StoreError
from redis_link.link import Link

#: Seconds until the lease of a dead replica expires; a live one renews it three times in that period.
LIFETIME = 9.0


class Leases:
    """Acquires and releases leases."""

    def __init__(self, link: Link) -> None:
        self._link = link

    @asynccontextmanager
    async def hold(self, key: bytes) -> AsyncIterator[bool]:
        """Hold the lease ``key`` for the block; False if it is held elsewhere."""
        async with self.hold_reading(key) as replies:
            yield replies is not None

    @asynccontextmanager
    async def hold_reading(self, key: bytes, *commands: Command) -> AsyncIterator[list[Reply] | None]:
        """Hold the lease ``key`` for the block; the replies to ``commands``, or None if it is held elsewhere.

        They are sent behind the lease in the same round trip. Raises `StoreError`: one of them failed.
        """
        holder = secrets.token_hex(8)
        taking = ("SET", key, holder, "NX", "PX", int(LIFETIME * 1000))
        taken, *replies = await self._link.replies([taking, *commands])
        if checked(taken) is None:
            yield None
            return
        with self._renewing(key, holder):
            try:
                yield [checked(reply) for reply in replies]
            finally:
                await self._release(key, holder)

    @contextmanager
    def _renewing(self, key: bytes, holder: str) -> Iterator[None]:
        """Renew the lease within the block. A short one, as nearly all, costs a timer and no task."""
        tasks: list[asyncio.Task[None]] = []
        loop = asyncio.get_running_loop()
        timer = loop.call_later(LIFETIME / 3, lambda: tasks.append(loop.create_task(self._renew(key, holder))))
        try:
            yield
        finally:
            timer.cancel()
            for task in tasks:
                task.cancel()

    async def _renew(self, key: bytes, holder: str) -> None:
        while True:
            with suppress(StoreError):  # without the lease, the commit's own check still protects the session
                await self._link.run(RENEW, [key], [holder, int(LIFETIME * 1000)])
            await asyncio.sleep(LIFETIME / 3)

    async def _release(self, key: bytes, holder: str) -> None:
        try:
            await self._link.run(RELEASE, [key], [holder])
        except StoreError:
            return  # it expires
