"""Reading a turn's events for a request, with waits that end without losing an event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

from chat.domain.events import TERMINAL, Event
from chat.domain.exceptions import AccessDenied
from chat.domain.runs import Entry


class Reading:
    """The events of one answer, until ``revoked`` is done. Close it in the end; the run continues.

    ``ended``: the turn's last event was read.
    """

    def __init__(self, entries: AsyncGenerator[Entry], revoked: asyncio.Future[None]) -> None:
        self.ended = False
        self._entries = entries
        self._revoked = revoked
        self._next: asyncio.Future[Entry] | None = None

    async def next(self, seconds: float | None = None) -> Event | None:
        """The next event; None if none comes within ``seconds`` (None: wait for it).

        Raises what the entries raise, and `AccessDenied`: the token was revoked.
        """
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._entries))
        either: set[asyncio.Future[Any]] = {self._next, self._revoked}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._revoked.done():
            raise AccessDenied("revoked_token")
        if not self._next.done():
            return None
        entry, self._next = self._next.result(), None
        self.ended = isinstance(entry.event, TERMINAL)
        return entry.event

    async def aclose(self) -> None:
        """Stop reading."""
        if self._next is not None:
            self._next.cancel()
            with suppress(asyncio.CancelledError, Exception):  # nobody waits for its result any more
                await self._next
        await self._entries.aclose()
