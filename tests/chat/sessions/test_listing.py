"""The list of an owner's sessions."""

from __future__ import annotations

from chat.domain.session_ids import Session, owned_session
from chat.sessions.listing import list_own
from tests.support.in_memory import DictMemory


async def test_pinned_sessions_come_first() -> None:
    """Newest first among them and among the others; other owners' sessions are not listed."""
    memory = DictMemory()
    for name in ("oldest", "older", "newer", "newest"):
        memory.seed(owned_session("owner", name), name)
    memory.seed(owned_session("somebody", "x"), "secret")
    for name in ("older", "oldest"):
        await memory.change_details(Session(f"owner.{name}").memory_id, {"pinned": True})
    listed = [listing.title for listing in await list_own("owner", memory)]
    assert listed == ["older", "oldest", "newest", "newer"]
