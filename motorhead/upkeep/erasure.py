"""Erasure of deleted text from the disk: Redis's append-only file is rewritten some time after a deletion."""

from __future__ import annotations

import logging
import secrets
from time import monotonic

from motorhead.store.keys import ERASED, ERASURE
from motorhead.store.scripts import RELEASE
from redis_link.exceptions import StoreRefused
from redis_link.link import Link

logger = logging.getLogger(__name__)


class Erasure:
    """Has Redis rewrite its append-only file after deletions, at most every ``seconds`` in all replicas (0: never).

    A due rewrite is noted in Redis, so that any replica can carry it out, and a restart does not forget it. A full
    Redis refuses the note but can rewrite its file; then this process remembers the rewrite instead.
    """

    def __init__(self, link: Link, seconds: float) -> None:
        self._link = link
        self._seconds = seconds
        self._last = float("-inf")
        self._unnoted = 0

    async def ask(self) -> None:
        """Request a rewrite, because something has just been deleted or is about to be."""
        if not self._seconds:
            return
        try:
            await self._link.execute("SET", ERASURE, secrets.token_hex(8))
        except StoreRefused as error:
            self._unnoted += 1
            logger.warning("The erasure of deleted text from the disk could not be noted in Redis: %s", error)

    async def carry_out(self) -> None:
        """Have the file rewritten if that is due. If Redis refuses, it is asked again later."""
        if not self._seconds or monotonic() - self._last < self._seconds:
            return
        noted, unnoted = await self._link.execute("GET", ERASURE), self._unnoted
        if noted is None and not unnoted:
            return
        if not await self._is_first():
            return
        self._last = monotonic()
        try:
            await self._link.execute("BGREWRITEAOF")
        except StoreRefused as error:  # a rewrite under way may have begun before the deletion
            logger.info("Redis refused to rewrite its append-only file: %s", error)
            await self._link.execute("UNLINK", ERASED)
        else:
            self._unnoted -= unnoted
            if noted is not None:
                await self._link.run(RELEASE, [ERASURE], [noted])  # not if something has been deleted since

    async def _is_first(self) -> bool:
        """Whether no replica has had the file rewritten for long enough."""
        milliseconds = max(1, int(self._seconds * 1000))
        try:
            return bool(await self._link.execute("SET", ERASED, "1", "NX", "PX", milliseconds))
        except StoreRefused:  # a full Redis cannot note it
            return True
