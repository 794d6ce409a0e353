"""Searching the sessions of an owner."""

from __future__ import annotations

import time

from chat.domain.details import Match, MatchPage
from chat.domain.session_ids import namespace_of
from chat.turns.ports import MemoryPort

#: Seconds for which one search goes on until it has enough matches.
PATIENCE = 1.0
#: The most matches that one search returns.
MOST = 20


async def search_sessions(owner: str, words: str, memory: MemoryPort, cursor: str | None = None) -> MatchPage:
    """Where all ``words`` are in the owner's sessions, newest session first.

    The memory server's calls are short, so several are made until there are `MOST` matches, `PATIENCE` is over, or
    everything was searched. ``cursor`` continues a search.
    """
    deadline = time.monotonic() + PATIENCE
    found: list[Match] = []
    while True:
        page = await memory.search(namespace_of(owner), words, cursor=cursor, limit=MOST - len(found))
        found += page.matches
        cursor = page.cursor
        if cursor is None or len(found) >= MOST or time.monotonic() > deadline:
            return MatchPage(tuple(found), cursor)
