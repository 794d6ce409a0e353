"""Deleted text stays in Redis's append-only file until that is rewritten: so it is, some time after a deletion."""

from __future__ import annotations

import logging
import secrets
from time import monotonic

from motorhead.store.keys import ERASURE
from motorhead.store.scripts import RELEASE
from redis_link.exceptions import StoreRefused
from redis_link.link import Link

logger = logging.getLogger(__name__)


class Erasure:
    """Asks Redis to rewrite its append-only file after deletions, every ``seconds`` at most (0: never).

    That it is due is noted in Redis, so any replica does it, and no restart forgets it. A full Redis takes no note,
    though it does rewrite its file: then this process remembers it.
    """

    def __init__(self, link: Link, seconds: float) -> None:
        self._link = link
        self._seconds = seconds
        self._last = float("-inf")
        self._unnoted = 0

    async def ask(self) -> None:
        """Note that something was deleted just now, or is about to be."""
        if not self._seconds:
            return
        try:
            await self._link.execute("SET", ERASURE, secrets.token_hex(8))
        except StoreRefused as error:
            self._unnoted += 1
            logger.warning("That deleted text is to leave the disk could not be noted in Redis: %s", error)

    async def carry_out(self) -> None:
        """Have the file rewritten, if that is due. A Redis that does not do it now is asked again later."""
        if not self._seconds or monotonic() - self._last < self._seconds:
            return
        noted, unnoted = await self._link.execute("GET", ERASURE), self._unnoted
        if noted is None and not unnoted:
            return
        self._last = monotonic()
        try:
            await self._link.execute("BGREWRITEAOF")
        except StoreRefused as error:  # one that is under way may have begun before the deletion
            logger.info("Redis does not rewrite its append-only file now: %s", error)
        else:
            self._unnoted -= unnoted
            if noted is not None:
                await self._link.run(RELEASE, [ERASURE], [noted])  # unless something was deleted since
