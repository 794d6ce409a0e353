"""Moving sessions to another owner."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import pytest

from chat.domain.details import DetailChanges, SessionListing
from chat.domain.exceptions import ChatError, MemoryUnreachable, MessagesRemoved, NotSupported
from chat.domain.messages import FoldState, Memory, Message, Role, Window
from chat.domain.prompts import PromptRecord
from chat.domain.runs import Cursor, Entry, RunState
from chat.domain.session_ids import Session, owned_session
from chat.grants.shares import Shares
from chat.sessions.moving import Move, move_sessions
from tests.support.in_memory import DictBells, DictMemory


class IdleRuns:
    """Runs of sessions that are not answering. ``forgotten`` are those whose answers were forgotten."""

    lease = 1.0

    def __init__(self) -> None:
        self.forgotten: list[Session] = []

    async def current(self, session: Session) -> RunState | None:
        return None

    async def stop(self, session: Session, turn_id: str) -> bool:
        return False

    async def answering(self, owner: str) -> list[Session]:
        return []

    async def ended(self, session: Session) -> list[str]:
        return []

    async def prompt(self, session: Session, turn_id: str) -> PromptRecord | None:
        return None

    async def tail(self, session: Session, turn_id: str, after: Cursor | None = None) -> AsyncGenerator[Entry]:
        for entry in list[Entry]():
            yield entry

    async def forget(self, session: Session) -> None:
        self.forgotten.append(session)


class NoShares(Shares):
    """Share links of sessions that have none."""

    def __init__(self) -> None:
        pass

    async def forget(self, session: Session) -> int:
        return 0


class Killed(BaseException):
    """The end of the process."""


class FragileMemory(DictMemory):
    """A memory whose client is killed after the call with a certain number, or in front of one."""

    def __init__(self) -> None:
        super().__init__(window_size=4)
        self.left = -1
        self.after = True
        self.said_before_deletion: list[tuple[Session, str]] = []

    @contextmanager
    def _call(self) -> Iterator[None]:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        try:
            yield
        finally:
            if self.left == 0:
                raise Killed

    async def fork(self, session: Session, through: str, to: Session) -> Memory:
        with self._call():
            memory = await super().fork(session, through, to)
        if self.said_before_deletion:
            late, text = self.said_before_deletion.pop()
            self.seed(late, text, "Late.")
        return memory

    async def change_details(self, memory_id: str, changes: DetailChanges) -> SessionListing:
        with self._call():
            return await super().change_details(memory_id, changes)

    async def delete_memory(self, session: Session) -> None:
        with self._call():
            await super().delete_memory(session)


@pytest.fixture
def memory() -> FragileMemory:
    """A memory with two sessions of a visitor, of which one is folded and pinned, and one of an account."""
    memory = FragileMemory()
    memory.seed(owned_session("visitor", "long"), *"abcdef")
    memory.seed(owned_session("visitor", "trip"), "hi", "Hi.")
    memory.seed(owned_session("account", "trip"), "hello", "Hello.")
    return memory


async def move(memory: DictMemory) -> Move:
    """Move what the visitor has to the account."""
    return await move_sessions("visitor", "account", memory, IdleRuns(), DictBells(), NoShares())


async def texts(memory: DictMemory, owner: str) -> dict[str, list[str]]:
    """What was said in each session of the owner, by the session's id."""
    listed = await memory.list_sessions(f"chat.{owner}")
    return {each.memory_id.split(".")[1]: [m.content for m in memory.said(each.memory_id)] for each in listed}


async def test_sessions_are_the_account_s_then(memory: FragileMemory) -> None:
    """With their messages, summary and details, under their ids where these are free, and in their order."""
    details = DetailChanges(title="The long one", pinned=True, labels=["x"], instructions="Be brief.")
    await memory.change_details("visitor.long", details)
    before = await memory.get_memory("visitor.long")
    moved = await move(memory)
    assert (moved.moved, moved.left) == (2, {})
    assert await texts(memory, "visitor") == {}
    found = await texts(memory, "account")
    other, *_ = found
    assert list(found) == [other, "long", "trip"]
    assert other.startswith("trip-")
    assert (found["long"], found[other], found["trip"]) == (list("abcdef"), ["hi", "Hi."], ["hello", "Hello."])
    assert (await memory.get_memory("account.long")).context == before.context
    listing = await memory.get_details("account.long")
    assert listing is not None
    assert (listing.title, listing.pinned, listing.labels) == ("The long one", True, ("x",))
    assert listing.instructions == "Be brief."


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("call", range(1, 6))
async def test_a_move_that_was_killed_is_completed_by_the_next(memory: FragileMemory, call: int, after: bool) -> None:
    """Whatever it was doing: nothing is lost, and nothing is there twice."""
    await memory.change_details("visitor.long", DetailChanges(pinned=True))
    memory.left, memory.after = call, after
    with pytest.raises(Killed):
        await move(memory)
    await move(memory)
    assert await texts(memory, "visitor") == {}
    assert sorted((await texts(memory, "account")).values()) == [list("abcdef"), ["hello", "Hello."], ["hi", "Hi."]]
    assert [each.pinned for each in await memory.list_sessions("chat.account") if each.messages == 6] == [True]


async def test_a_killed_move_does_not_take_an_id_that_became_free(memory: FragileMemory) -> None:
    """The fork under another name was made already, and is found."""
    memory.left = 4  # the second fork of "trip", after "long" was forked and deleted
    with pytest.raises(Killed):
        await move(memory)
    await memory.delete_memory(owned_session("account", "trip"))
    await move(memory)
    assert sorted((await texts(memory, "account")).values()) == [list("abcdef"), ["hi", "Hi."]]


async def test_what_is_said_during_the_move_is_moved_too(memory: FragileMemory) -> None:
    """The fork is then an old one, and another is made."""
    memory.said_before_deletion = [(owned_session("visitor", "long"), "wait")]
    await move(memory)
    assert [*"abcdef", "wait", "Late."] in (await texts(memory, "account")).values()
    assert await texts(memory, "visitor") == {}


async def test_one_that_fails_does_not_keep_the_others(memory: FragileMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays where it was, with the reason."""
    get_memory = memory.get_memory

    async def failing(memory_id: str) -> Memory:
        if memory_id == "visitor.long":
            raise MemoryUnreachable
        return await get_memory(memory_id)

    monkeypatch.setattr(memory, "get_memory", failing)
    moved = await move(memory)
    assert (moved.moved, list(moved.left)) == (1, ["visitor.long"])
    assert list(await texts(memory, "visitor")) == ["long"]


async def test_a_session_of_which_only_the_summary_is_left_is_moved(
    memory: FragileMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retention has removed its messages, so that it cannot be forked. Again, a killed move is completed."""
    old = owned_session("visitor", "old")
    await memory.begin_session(old, [], "Bob likes jazz.", covered=0, turn_id="k")
    await memory.change_details("visitor.old", DetailChanges(title="Music", pinned=True))
    fork = memory.fork

    async def refuse(session: Session, through: str, to: Session) -> Memory:
        if session == old:
            raise MessagesRemoved
        return await fork(session, through, to)

    monkeypatch.setattr(memory, "fork", refuse)
    memory.left, memory.after = 1, False
    with pytest.raises(Killed):
        await move(memory)
    assert (await move(memory)).left == {}
    (listing,) = [each for each in await memory.list_sessions("chat.account") if each.title == "Music"]
    assert listing.pinned
    assert (await memory.get_memory(listing.memory_id)).context == "Bob likes jazz."
    assert await texts(memory, "visitor") == {}


class Original(DictMemory):
    """The original memory server cannot fork."""

    async def get_memory(self, memory_id: str) -> Memory:
        return Memory((Message(Role.HUMAN, "hi"),), None, 0, Window(12, fold=FoldState.UNKNOWN))


async def test_the_original_cannot_move_sessions() -> None:
    """They stay, and so does the reason."""
    memory = Original()
    memory.seed(owned_session("visitor", "trip"), "hi")
    moved = await move(memory)
    (error,) = moved.left.values()
    assert (moved.moved, type(error)) == (0, NotSupported)
    assert isinstance(error, ChatError)
    assert list(await texts(memory, "visitor")) == ["trip"]


async def test_a_session_begun_elsewhere_gets_an_id(memory: FragileMemory) -> None:
    """One that another program has put into the visitor's list may have any name."""
    memory.seed(Session("made by a program", "chat.visitor"), "hey", "Hey.")
    assert (await move(memory)).left == {}
    found = await texts(memory, "account")
    assert [text for name, text in found.items() if name.startswith("moved-")] == [["hey", "Hey."]]
