"""Searching an owner's sessions."""

from __future__ import annotations

from chat.domain.details import Match, MatchPage
from chat.domain.session_ids import Session
from chat.sessions import search
from chat.sessions.search import search_sessions
from tests.support.in_memory import DictMemory


class SlowMemory(DictMemory):
    """A memory whose calls find nothing at first, as those of a server that has to look long."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def search(
        self, namespace: str | None, words: str, *, cursor: str | None = None, limit: int = 20
    ) -> MatchPage:
        self.calls += 1
        if self.calls < 4:
            return MatchPage((), f"c{self.calls}")
        return MatchPage((Match("owner.s", None, None, "message", "jazz", ((0, 4),)),), None)


async def test_a_search_goes_on_until_it_finds() -> None:
    """Calls without a match are followed by others, until everything was searched."""
    memory = SlowMemory()
    found = await search_sessions("owner", "jazz", memory)
    assert (len(found.matches), found.cursor, memory.calls) == (1, None, 4)


async def test_a_search_ends_with_a_cursor() -> None:
    """A search has at most 20 matches; its cursor continues it."""
    memory = DictMemory(window_size=100)
    memory.seed(Session("owner.s", "chat.owner"), *["jazz"] * 30)
    first = await search_sessions("owner", "jazz", memory)
    rest = await search_sessions("owner", "jazz", memory, first.cursor)
    assert (len(first.matches), len(rest.matches), rest.cursor) == (search.MOST, 10, None)
