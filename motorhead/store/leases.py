"""Leases in Redis, which keep replicas from working on one session at once.

A lease only saves work. Correctness never depends on one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

from motorhead.store.scripts import RELEASE, RENEW
from redis_link.connection import Command, Reply, checked
from redis_link.exceptions import StoreError
from redis_link.link import Link

#: Seconds until the lease of a dead replica expires; a live one renews it three times in that period.
LIFETIME = 9.0


@dataclass(slots=True)
class Lease:
    """A lease that is held. ``replies``: what was read beside it.

    ``release`` gives it back. A caller that sends this command along with others sets ``released``.
    """

    replies: list[Reply]
    release: Command
    released: bool = False


class Leases:
    """Acquires and releases leases."""

    def __init__(self, link: Link) -> None:
        self._link = link

    @asynccontextmanager
    async def hold(self, key: bytes, *commands: Command) -> AsyncIterator[Lease | None]:
        """Hold the lease ``key`` for the block; None if it is held elsewhere.

        ``commands`` are sent behind it in the same round trip. Raises `StoreError`: one of them failed.
        """
        holder = secrets.token_hex(8)
        taking = ("SET", key, holder, "NX", "PX", int(LIFETIME * 1000))
        taken, *replies = await self._link.replies([taking, *commands])
        if checked(taken) is None:
            yield None
            return
        lease = Lease(replies, RELEASE.call([key], [holder]))
        with self._renewing(key, holder):
            try:
                lease.replies = [checked(reply) for reply in replies]
                yield lease
            finally:
                if not lease.released:
                    await self._release(lease)

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

    async def _release(self, lease: Lease) -> None:
        with suppress(StoreError):  # it expires
            await self._link.execute(*lease.release)
