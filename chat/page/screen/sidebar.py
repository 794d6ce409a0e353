"""The list of sessions at the left of an open page, and the title of its session."""

from __future__ import annotations

from collections.abc import Sequence

from chat.domain.details import SessionListing
from chat.domain.session_ids import Session
from chat.page import fragments
from chat.sessions.listing import list_own
from chat.turns.ports import MemoryPort

#: Seconds: a day begins at a quarter of an hour in every time zone.
QUARTER = 15 * 60


class Sidebar:
    """Finds changes to the list by a hash of what was shown last: no title is kept here."""

    __slots__ = ("_memory", "_session", "_shown")

    def __init__(self, memory: MemoryPort, session: Session) -> None:
        self._memory = memory
        self._session = session
        self._shown: int | None = None

    async def changes(self, *, empty: bool) -> Sequence[str]:
        """Swaps for the list and the title, if they have changed. ``empty``: nothing is remembered of the session.

        Raises `MemoryServerError`: the memory server did not answer or refused.
        """
        listings = await list_own(self._session.owner or "", self._memory)
        shown = hash((empty, *map(_shown, listings)))
        if shown == self._shown:
            return []
        self._shown = shown
        return fragments.sessions(listings, self._session, empty=empty)


def _shown(listing: SessionListing) -> tuple[object, ...]:
    """What a page shows of a session in its list, and of its own instructions.

    Of its last activity, that is the day, wherever the reader is.
    """
    at = listing.updated_at.timestamp() // QUARTER if listing.updated_at else None
    return listing.memory_id, listing.title, listing.pinned, listing.labels, listing.instructions, at
