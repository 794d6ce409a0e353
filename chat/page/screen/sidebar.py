"""The list of sessions at the left of an open page, and the title of its session."""

from __future__ import annotations

from collections.abc import Sequence

from chat.domain.session_ids import Session, namespace_of
from chat.page import fragments
from chat.turns.ports import MemoryPort


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
        namespace = namespace_of(self._session.owner or "")
        listings = await self._memory.list_sessions(namespace, size=fragments.SESSIONS_A_PAGE)
        shown = hash((empty, *((listing.memory_id, listing.title) for listing in listings)))
        if shown == self._shown:
            return []
        self._shown = shown
        return fragments.sessions(listings, self._session, empty=empty)
