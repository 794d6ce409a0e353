"""Finding the place behind which a send replaces everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat.api.codec import Replaced, always, never
from chat.api.replacing import AlreadyShown, find_place
from chat.domain.exceptions import AlreadyAnswered, MessageFolded, SaidSince, UnknownMessage
from chat.domain.messages import FoldState, Memory, Message, Role
from chat.domain.session_ids import Session
from tests.support.in_memory import DictMemory

SESSION = Session("bob.s", "chat.bob")


@pytest.fixture
async def memory() -> DictMemory:
    """A memory with the turns ``one``, ``two`` and ``three``, whose messages have the numbers 1 to 6."""
    memory = DictMemory()
    for turn in ("one", "two", "three"):
        said = [Message(Role.HUMAN, f"say {turn}"), Message(Role.AI, turn)]
        await memory.append_messages(SESSION, said, turn_id=turn)
    return memory


def of(turn: str, *, is_last: bool = False, was_there: bool = False) -> Replaced:
    """The message of a turn."""
    return Replaced(lambda message: message.key == turn, is_last=always if is_last else never, was_there=was_there)


@pytest.mark.parametrize(("turn", "place"), [("one", "0"), ("two", "2"), ("three", "4"), ("four", None)])
async def test_the_place_is_before_the_message(memory: DictMemory, turn: str, place: str | None) -> None:
    """Behind it are the user's message, its reply, and all that follow; a new message replaces nothing."""
    assert await find_place(memory, SESSION, of(turn)) == place


async def test_a_reply_stands_for_its_message(memory: DictMemory) -> None:
    """A client that names the reply means the user's message before it, too."""
    assert await find_place(memory, SESSION, Replaced(lambda message: message.id == "4")) == "2"


async def test_the_last_message_is_known_by_its_text(memory: DictMemory) -> None:
    """Older ones are not replaced by it, since people say the same twice."""
    assert await find_place(memory, SESSION, of("?"), "say three") == "4"
    assert await find_place(memory, SESSION, of("?"), "say four") is None
    with pytest.raises(SaidSince):
        await find_place(memory, SESSION, of("?"), "say one")


async def test_a_message_that_is_not_the_last_one_is_not_replaced_as_such(memory: DictMemory) -> None:
    """A stale tab that answers its last message again would erase what was said since."""
    assert await find_place(memory, SESSION, of("three", is_last=True)) == "4"
    with pytest.raises(SaidSince):
        await find_place(memory, SESSION, of("two", is_last=True))


async def test_a_folded_message_is_not_replaced(memory: DictMemory) -> None:
    """It is in the summary; the message behind the fold is replaced from there on."""
    await memory.fold(SESSION.memory_id, through="2")
    with pytest.raises(MessageFolded):
        await find_place(memory, SESSION, of("one"))
    assert await find_place(memory, SESSION, of("two")) == "2"


async def test_a_message_that_is_gone_is_not_taken_for_a_new_one(memory: DictMemory) -> None:
    """Where the client has its id from this site, somebody has withdrawn it."""
    with pytest.raises(UnknownMessage):
        await find_place(memory, SESSION, of("four", was_there=True))


async def test_an_answer_whose_question_is_folded_is_not_replaced(memory: DictMemory) -> None:
    """The summary would have the question twice."""
    await memory.fold(SESSION.memory_id, through="3")
    with pytest.raises(MessageFolded):
        await find_place(memory, SESSION, of("two"))


@pytest.mark.parametrize("folded", [None, "4"])
async def test_what_the_client_has_is_not_replaced(memory: DictMemory, folded: str | None) -> None:
    """Neither in the window nor in the summary."""
    if folded is not None:
        await memory.fold(SESSION.memory_id, through=folded)
    with pytest.raises(AlreadyShown):
        await find_place(memory, SESSION, replace(of("two"), is_shown=always))


async def test_a_message_behind_the_newest_one_is_new(memory: DictMemory) -> None:
    """Nothing is looked for, not even in the summary."""
    for newest, place in (("three", None), ("two", "2")):
        replaced = replace(of("two"), is_newest=of(newest).is_it)
        assert await find_place(memory, SESSION, replaced) == place


async def test_the_original_cannot_replace() -> None:
    """It has no call for it, so an answer stays as it is."""

    class Original(DictMemory):
        async def get_memory(self, memory_id: str) -> Memory:
            loaded = await super().get_memory(memory_id)
            return replace(loaded, window=replace(loaded.window, fold=FoldState.UNKNOWN))

    memory = Original()
    memory.seed(SESSION, "hi", "Hello.")
    with pytest.raises(AlreadyAnswered):
        await find_place(memory, SESSION, of("?"), "hi")
    with pytest.raises(AlreadyAnswered):
        await find_place(memory, SESSION, of("?", was_there=True))
