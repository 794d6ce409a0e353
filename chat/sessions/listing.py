"""The list of an owner's sessions: pinned ones first, and the newest first among them and among the others."""

from __future__ import annotations

from chat.domain.details import SessionListing
from chat.domain.session_ids import namespace_of
from chat.turns.ports import MemoryPort

#: The most sessions of a list: a memory server lists a thousand at a time.
MOST = 1000


async def list_own(owner: str, memory: MemoryPort) -> list[SessionListing]:
    """The owner's newest `MOST` sessions, pinned ones first.

    Raises `MemoryServerError`: the memory server did not answer or refused.
    """
    newest = await memory.list_sessions(namespace_of(owner), size=MOST)
    return sorted(newest, key=lambda listing: not listing.pinned)  # stable: the newest stay first
