"""Messages named by number or id."""

from __future__ import annotations

import pytest

from chat.api.v1.places import message_at, place_of
from chat.domain.exceptions import InvalidMessageId, UnknownMessage
from chat.domain.messages import Message
from chat.domain.session_ids import owned_session
from tests.support.in_memory import DictMemory

SESSION = owned_session("alice", "trip")


@pytest.fixture
async def memory() -> DictMemory:
    """A memory with one exchange."""
    memory = DictMemory()
    await memory.append_messages(SESSION, [Message("Human", "hi"), Message("AI", "Hello.")], turn_id="t.1")
    return memory


@pytest.mark.parametrize(
    ("named", "place"), [("0", "0"), ("2", "2"), ("99", "99"), ("t.1.message", "1"), ("t.1.reply", "2")]
)
async def test_a_place_is_a_number(memory: DictMemory, named: str, place: str):
    """Numbers are taken as they are: the memory knows which there are."""
    assert await place_of(SESSION, named, memory) == place


@pytest.mark.parametrize("named", ["t.2.reply", "t.1.", "."])
async def test_an_unknown_id(memory: DictMemory, named: str):
    """It may be that of a message that was withdrawn."""
    with pytest.raises(UnknownMessage):
        await place_of(SESSION, named, memory)


@pytest.mark.parametrize("named", ["", "x", "-1", "١", "1" * 16])
async def test_a_malformed_id(memory: DictMemory, named: str):
    """No message has ever had it."""
    with pytest.raises(InvalidMessageId):
        await message_at(SESSION, named, memory)


async def test_a_message_of_no_turn(memory: DictMemory):
    """It has its id by its number, as LangChain's messages do."""
    await memory.append_messages(SESSION, [Message("Human", "and now?")], turn_id="")
    assert await place_of(SESSION, "memory-3", memory) == "3"
    assert (await message_at(SESSION, "memory-3", memory)).content == "and now?"


async def test_the_name_of_a_turn_may_look_like_a_number(memory: DictMemory):
    """Then the id is still that of a turn."""
    await memory.append_messages(SESSION, [Message("Human", "a"), Message("AI", "b")], turn_id="memory-1")
    assert await place_of(SESSION, "memory-1.reply", memory) == "4"


async def test_a_message_is_found(memory: DictMemory):
    """By either name."""
    for named in ("2", "t.1.reply"):
        assert (await message_at(SESSION, named, memory)).content == "Hello."
    with pytest.raises(UnknownMessage):
        await message_at(SESSION, "3", memory)
