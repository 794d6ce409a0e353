"""Erasing all sessions of an owner."""

from __future__ import annotations

from chat.domain.exceptions import ChatError, MemoryUnreachable
from chat.domain.runs import RunState
from chat.domain.session_ids import Session, owned_session
from chat.sessions.erasure import erase_sessions
from chat.sessions.moving import move_sessions
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


class AnsweringRuns(IdleRuns):
    """Runs of a new session, of which something is remembered once it is stopped."""

    def __init__(self, memory: DictMemory, session: Session) -> None:
        super().__init__()
        self._memory = memory
        self._session: Session | None = session

    async def answering(self, owner: str) -> list[Session]:
        return [self._session] if self._session and self._session.owner == owner else []

    async def current(self, session: Session) -> RunState | None:
        return RunState("t1", 1, "hi", ended=False) if session == self._session else None

    async def stop(self, session: Session, turn_id: str) -> bool:
        self._memory.seed(session, "hi", "half an ans")
        self._session = None
        return True


async def test_a_session_that_is_being_answered_for_the_first_time_is_erased() -> None:
    """It is not listed before its answer ends."""
    memory = DictMemory()
    runs = AnsweringRuns(memory, owned_session("bob", "new"))
    assert (await erase_sessions("bob", memory, runs, DictBells(), NoShares())).sessions == 1
    assert await memory.list_sessions("chat.bob") == []


async def test_it_is_moved_likewise() -> None:
    """With what was answered until then."""
    memory = DictMemory()
    runs = AnsweringRuns(memory, owned_session("bob", "new"))
    assert (await move_sessions("bob", "anna", memory, runs, DictBells(), NoShares())).moved == 1
    assert [message.content for message in memory.said("anna.new")] == ["hi", "half an ans"]
