"""Reading a turn's events for a request, with waits that end without losing an event."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from chat.api.waiting import Revoked, Waiting
from chat.domain.events import TERMINAL, Event
from chat.domain.runs import Entry


class Reading:
    """The events of one answer, until ``revoked`` is done. Close it in the end; the run continues.

    ``ended``: the turn's last event was read.
    """

    def __init__(self, entries: AsyncGenerator[Entry], revoked: Revoked) -> None:
        self.ended = False
        self._entries = Waiting(entries, revoked)

    async def next(self, seconds: float | None = None) -> Event | None:
        """The next event; None if none comes within ``seconds`` (None: wait for it).

        Raises what the entries raise, and `AccessDenied`: the token was revoked.
        """
        entry = await self._entries.next(seconds)
        if entry is None:
            return None
        self.ended = isinstance(entry.event, TERMINAL)
        return entry.event

    async def aclose(self) -> None:
        """Stop reading."""
        await self._entries.aclose()
