"""A limit on the pages and websockets that are opened each minute: each loads a session and renders it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from math import ceil

from django.conf import settings

from chat.domain.exceptions import TooManyPages

MINUTE = 60.0


class PageLimit:
    """Allows ``per_visitor`` pages a minute and ``per_address`` in this process; 0 means no limit.

    ``clock`` is in seconds.
    """

    def __init__(self, per_visitor: int, per_address: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = {"visitor": per_visitor, "address": per_address}
        self._clock = clock
        self._minute_ends = 0.0
        self._opened: Counter[tuple[str, str]] = Counter()

    def take(self, owner: str | None, network: str | None) -> None:
        """Count a page of ``owner`` from ``network`` (None: not known).

        Visitors without a cookie (``owner`` None) are one visitor for each network, so refusing it gains nothing.
        Raises `TooManyPages`, with the seconds to wait: this minute's pages are used up.
        """
        now = self._clock()
        if now >= self._minute_ends:
            self._minute_ends = now + MINUTE
            self._opened.clear()
        visitor = owner if owner is not None else network
        places = [(kind, name) for kind, name in (("visitor", visitor), ("address", network)) if name is not None]
        for kind, name in places:
            if 0 < self._limits[kind] <= self._opened[kind, name]:
                raise TooManyPages(kind, limit=self._limits[kind], retry_after=ceil(self._minute_ends - now))
        self._opened.update(places)


@cache
def page_limit() -> PageLimit:
    """This process's limit, as in the settings."""
    return PageLimit(settings.CHAT_PAGES_PER_MINUTE, settings.CHAT_PAGES_PER_MINUTE_PER_ADDRESS)
