"""Erasing all sessions of an owner."""

from __future__ import annotations

from chat.domain.exceptions import ChatError, MemoryUnreachable
from chat.domain.session_ids import Session, owned_session
from chat.sessions.erasure import erase_sessions
from tests.chat.sessions.test_moving import IdleRuns, NoShares
from tests.support.in_memory import DictBells, DictMemory


class GrowingMemory(DictMemory):
    """A memory in which a deletion may fail, or is followed by another session, such as a fork under way."""

    def __init__(self) -> None:
        super().__init__()
        self.next: list[Session] = []
        self.errors: dict[str, ChatError] = {}

    async def delete_memory(self, session: Session) -> None:
        if session.memory_id in self.errors:
            raise self.errors[session.memory_id]
        await super().delete_memory(session)
        if self.next:
            self.seed(self.next.pop(), "late", "later")


async def test_everything_of_the_owner_is_erased() -> None:
    """Also a session that is made meanwhile; other owners' sessions stay."""
    memory, bells = GrowingMemory(), DictBells()
    for owner, name in (("bob", "a"), ("bob", "b"), ("eve", "a")):
        memory.seed(owned_session(owner, name), "hi", "Hi.", "bye")
    memory.next = [owned_session("bob", "c")]
    erased = await erase_sessions("bob", memory, IdleRuns(), bells, NoShares())
    assert (erased.sessions, erased.messages, erased.left) == (3, 8, {})
    assert await memory.list_sessions("chat.bob") == []
    assert len(await memory.list_sessions("chat.eve")) == 1
    assert {session.id for session in bells.rung} == {"a", "b", "c"}


async def test_what_could_not_be_erased_is_named_and_goes_with_the_next_attempt() -> None:
    """One session that resists does not keep the others."""
    memory = GrowingMemory()
    for name in ("a", "b"):
        memory.seed(owned_session("bob", name), "hi", "Hi.")
    memory.errors = {"bob.a": MemoryUnreachable()}
    erased = await erase_sessions("bob", memory, IdleRuns(), DictBells(), NoShares())
    assert (erased.sessions, erased.messages, list(erased.left)) == (1, 2, ["bob.a"])
    memory.errors = {}
    assert (await erase_sessions("bob", memory, IdleRuns(), DictBells(), NoShares())).sessions == 1
