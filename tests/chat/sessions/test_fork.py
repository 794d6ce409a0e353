"""Forking a session."""

from __future__ import annotations

from chat.domain.session_ids import Session
from chat.sessions.fork import fork_session
from tests.support.in_memory import DictMemory

SESSION = Session("owner.s1", "chat.owner")


async def test_a_fork_is_a_session_of_the_same_owner() -> None:
    """It has a random id, or the one that was chosen, and the messages up to the place."""
    memory = DictMemory()
    memory.seed(SESSION, *"abcd")
    forked = await fork_session(SESSION, "2", memory)
    assert forked.owner == "owner"
    assert forked != SESSION
    assert [message.content for message in memory.said(forked.memory_id)] == ["a", "b"]
    chosen = await fork_session(SESSION, "3", memory, to="trip")
    assert chosen == Session("owner.trip", "chat.owner")
