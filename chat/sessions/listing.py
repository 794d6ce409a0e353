"""The list of an owner's sessions: pinned ones first, and the newest first among them and among the others."""

from __future__ import annotations

from chat.domain.details import SessionListing
from chat.domain.session_ids import namespace_of
from chat.turns.ports import MemoryPort

#: The most sessions of a list: a memory server lists a thousand at a time.
MOST = 1000
#: Sessions loaded at a time where all are needed.
AT_A_TIME = 100


async def list_own(owner: str, memory: MemoryPort) -> list[SessionListing]:
    """The owner's newest `MOST` sessions, pinned ones first.

    Raises `MemoryServerError`: the memory server did not answer or refused.
    """
    newest = await memory.list_sessions(namespace_of(owner), size=MOST)
    return sorted(newest, key=lambda listing: not listing.pinned)  # stable: the newest stay first


async def list_all(owner: str, memory: MemoryPort) -> list[SessionListing]:
    """All of the owner's sessions, newest first; one that becomes active meanwhile is not missed. Raises as above."""
    found: dict[str, SessionListing] = {}
    page = 1
    while listings := await memory.list_sessions(namespace_of(owner), page=page, size=AT_A_TIME):
        found |= {listing.memory_id: listing for listing in listings}
        page += 1
    return list(found.values())
