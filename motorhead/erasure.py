"""Deleted text stays in Redis's append-only file until that is rewritten: so it is, some time after a deletion."""

from __future__ import annotations

import logging
import secrets
from time import monotonic

from motorhead.exceptions import StoreRefused
from motorhead.keys import ERASURE
from motorhead.redis_link import Link
from motorhead.scripts import RELEASE

logger = logging.getLogger(__name__)


class Erasure:
    """Asks Redis to rewrite its append-only file after deletions, every ``seconds`` at most (0: never).

    That it is due is noted in Redis, so any replica does it, and no restart forgets it.
    """

    def __init__(self, link: Link, seconds: float) -> None:
        self._link = link
        self._seconds = seconds
        self._last = float("-inf")

    async def ask(self) -> None:
        """Note that something was deleted just now."""
        if self._seconds:
            await self._link.execute("SET", ERASURE, secrets.token_hex(8))

    async def carry_out(self) -> None:
        """Have the file rewritten, if that is due. A Redis that does not do it now is asked again later."""
        if not self._seconds or monotonic() - self._last < self._seconds:
            return
        noted = await self._link.execute("GET", ERASURE)
        if noted is None:
            return
        self._last = monotonic()
        try:
            await self._link.execute("BGREWRITEAOF")
        except StoreRefused as error:  # one that is under way may have begun before the deletion
            logger.info("Redis does not rewrite its append-only file now: %s", error)
        else:
            await self._link.run(RELEASE, [ERASURE], [noted])  # unless something was deleted since
