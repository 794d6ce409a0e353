"""Deleted text stays in Redis's append-only file until that is rewritten: so it is, some time after a deletion."""

from __future__ import annotations

import logging
from time import monotonic

from motorhead.exceptions import StoreRefused
from motorhead.redis_link import Link

logger = logging.getLogger(__name__)


class Erasure:
    """Asks Redis to rewrite its append-only file when a deletion is ``due`` for it, every ``seconds`` at most."""

    def __init__(self, link: Link, seconds: float) -> None:
        self._link = link
        self._seconds = seconds
        self._last = float("-inf")
        self.due = False

    async def carry_out(self) -> None:
        """Have the file rewritten, if that is due. A Redis that does not allow it is left alone."""
        if not (self.due and self._seconds) or monotonic() - self._last < self._seconds:
            return
        self.due, self._last = False, monotonic()
        try:
            await self._link.execute("BGREWRITEAOF")
        except StoreRefused as error:
            logger.info("Redis does not rewrite its append-only file now: %s", error)
