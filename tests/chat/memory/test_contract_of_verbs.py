"""The verbs of every `chat.turns.ports.MemoryPort` that change what is remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.domain.details import Match
from chat.domain.exceptions import (
    MemoryRefused,
    MessageFolded,
    NotSupported,
    SessionExists,
    SessionGone,
    SummaryChanged,
    TurnConflict,
    UnknownMessage,
)
from chat.domain.messages import Message
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort
from tests.chat.memory.memories import MEMORIES, Can, able, every_memory, unable

SESSION = Session("owner.s1", "chat.owner")
FORK = Session("owner.s2", "chat.owner")


@pytest.fixture
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[MemoryPort]:
    """An empty memory."""
    opened, _ = MEMORIES[request.param]
    async with opened(request) as memory:
        yield memory


async def seed(memory: MemoryPort, *contents: str) -> str | None:
    """Append ``contents`` in one turn, the user's and the model's in turn; returns the session's epoch."""
    said = [Message("AI" if place % 2 else "Human", content) for place, content in enumerate(contents)]
    await memory.append_messages(SESSION, said, turn_id="seed")
    return (await memory.get_memory(SESSION.memory_id)).epoch


async def window(memory: MemoryPort, session: Session = SESSION) -> list[str]:
    return [message.content for message in (await memory.get_memory(session.memory_id)).messages]


async def replace(memory: MemoryPort, after: str, text: str, epoch: str | None, turn_id: str = "new") -> None:
    message = Message("Human", text)
    await memory.append_messages(SESSION, [message], turn_id=turn_id, epoch=epoch, replace_after=after)


# --- replacing messages -------------------------------------------------------------------------------------------


@able(Can.WITHDRAW)
async def test_messages_are_replaced_in_one_step(memory: MemoryPort) -> None:
    """The messages behind the named one are gone, also from the history; their ids are not used again."""
    epoch = await seed(memory, "one", "two", "three", "four")
    await replace(memory, "2", "five", epoch)
    assert await window(memory) == ["one", "two", "five"]
    history = await memory.list_messages(SESSION.memory_id)
    assert [message.id for message in history.messages] == ["1", "2", "5"]


@able(Can.WITHDRAW)
async def test_all_messages_can_be_replaced(memory: MemoryPort) -> None:
    """ "0" stands for the place before the first message."""
    epoch = await seed(memory, "one", "two")
    await replace(memory, "0", "three", epoch)
    assert await window(memory) == ["three"]


@able(Can.WITHDRAW)
async def test_a_replacement_is_made_once(memory: MemoryPort) -> None:
    """A repetition changes nothing, even after another turn; the same turn with another place is a conflict."""
    epoch = await seed(memory, "one", "two")
    await replace(memory, "1", "three", epoch)
    await replace(memory, "3", "four", epoch, turn_id="later")
    await replace(memory, "1", "three", epoch)
    assert await window(memory) == ["one", "three", "four"]
    with pytest.raises(TurnConflict):
        await replace(memory, "0", "three", epoch)


@able(Can.WITHDRAW)
async def test_a_folded_message_is_not_replaced(memory: MemoryPort) -> None:
    """Neither a folded nor an unknown message is replaced, nothing of a deleted session; nothing changes then."""
    epoch = await seed(memory, *"abcdef")
    await memory.fold(SESSION.memory_id, through="4")
    for after, error in (("3", MessageFolded), ("9", UnknownMessage)):
        with pytest.raises(error):
            await replace(memory, after, "new", epoch)
    with pytest.raises(SessionGone):
        await replace(memory, "5", "new", "another")
    await replace(memory, "4", "new", epoch, turn_id="allowed")
    assert await window(memory) == ["new"]


@unable(Can.WITHDRAW)
async def test_a_memory_that_only_appends_refuses_to_replace(memory: MemoryPort) -> None:
    """A replacement is refused before anything is appended."""
    await seed(memory, "one", "two")
    with pytest.raises(NotSupported):
        await replace(memory, "1", "three", None)
    assert await window(memory) == ["one", "two"]


# --- the summary --------------------------------------------------------------------------------------------------


@able(Can.EDIT_SUMMARY)
async def test_a_summary_is_edited_unless_it_has_changed(memory: MemoryPort) -> None:
    """The tag of the summary that was read is needed; an append between the two does not matter, a fold does."""
    await seed(memory, *"abcdef")
    tag = (await memory.fold(SESSION.memory_id, through="2")).summary_tag
    await memory.append_messages(SESSION, [Message("Human", "g")], turn_id="t")
    await memory.edit_summary(SESSION, "Bob likes jazz.", summary_tag=tag)
    assert (await memory.get_memory(SESSION.memory_id)).context == "Bob likes jazz."
    assert (await memory.list_summaries(SESSION.memory_id)).versions[0].source == "client"
    with pytest.raises(SummaryChanged):
        await memory.edit_summary(SESSION, "Bob likes rock.", summary_tag=tag)
    assert await window(memory) == list("cdefg")


@unable(Can.EDIT_SUMMARY)
async def test_a_summary_without_a_tag_is_not_edited(memory: MemoryPort) -> None:
    """Without a tag an edit could overwrite a fold, so it is refused."""
    with pytest.raises(NotSupported):
        await memory.edit_summary(SESSION, "Bob likes jazz.", summary_tag=None)


@able(Can.FOLD_NOW)
async def test_a_fold_goes_up_to_a_message(memory: MemoryPort) -> None:
    """The messages up to the named one are folded, and the version says which; an unknown one is refused."""
    await seed(memory, *"abcdef")
    found = await memory.fold(SESSION.memory_id, through="4")
    assert [message.content for message in found.messages] == ["e", "f"]
    newest = (await memory.list_summaries(SESSION.memory_id)).versions[0]
    assert newest.folded
    assert (newest.folded.first, newest.folded.last, newest.folded.count, newest.through) == ("1", "4", 4, "4")
    with pytest.raises(UnknownMessage):
        await memory.fold(SESSION.memory_id, through="9")


@able(Can.RESTORE)
async def test_an_earlier_version_is_restored(memory: MemoryPort) -> None:
    """The messages that it does not cover are in the window again; an unknown version is refused."""
    await seed(memory, *"abcdef")
    first = await memory.fold(SESSION.memory_id, through="2")
    await memory.fold(SESSION.memory_id, through="4")
    found = await memory.restore_summary(SESSION.memory_id, 1)
    assert (found.context, [message.content for message in found.messages]) == (first.context, list("cdef"))
    assert (await memory.list_summaries(SESSION.memory_id)).versions[0].source == "restore"
    with pytest.raises(MemoryRefused):
        await memory.restore_summary(SESSION.memory_id, 99)


# --- whole sessions -----------------------------------------------------------------------------------------------


@able(Can.FORK)
async def test_a_fork_begins_with_the_memory_of_its_place(memory: MemoryPort) -> None:
    """The fork has the summary and the window as of the message, and goes its own way; the source is unchanged."""
    await seed(memory, *"abcdef")
    folded = await memory.fold(SESSION.memory_id, through="2")
    await memory.fold(SESSION.memory_id, through="4")
    forked = await memory.fork(SESSION, "3", FORK)
    assert (forked.context, [message.content for message in forked.messages]) == (folded.context, ["c"])
    assert await memory.fork(SESSION, "3", FORK) == forked
    await memory.append_messages(FORK, [Message("Human", "x")], turn_id="t", epoch=forked.epoch)
    assert (await window(memory), await window(memory, FORK)) == (["e", "f"], ["c", "x"])
    with pytest.raises(SessionExists):
        await memory.fork(SESSION, "4", FORK)
    with pytest.raises(UnknownMessage):
        await memory.fork(SESSION, "9", Session("owner.s3", "chat.owner"))


@able(Can.KEEP_DETAILS)
async def test_details_are_kept_and_listed(memory: MemoryPort) -> None:
    """A title of one's own comes before the first words; what is not named stays, and None removes."""
    await seed(memory, "hi im bob", "Hi Bob")
    await memory.change_details(SESSION.memory_id, {"title": "Trip", "pinned": True, "labels": ["work", "2026"]})
    listed = await memory.change_details(SESSION.memory_id, {"instructions": "Answer in Spanish."})
    assert (listed.title, listed.pinned, listed.labels) == ("Trip", True, ("work", "2026"))
    assert listed.instructions == "Answer in Spanish."
    assert await memory.list_sessions("chat.owner") == [listed]
    assert await memory.get_details(SESSION.memory_id) == listed
    changed = await memory.change_details(SESSION.memory_id, {"title": None, "labels": [], "pinned": False})
    assert (changed.title, changed.pinned, changed.labels) == ("hi im bob", False, ())


@able(Can.KEEP_DETAILS)
async def test_a_session_that_does_not_exist_has_no_details(memory: MemoryPort) -> None:
    """A change of details does not create a session."""
    assert await memory.get_details("nobody.x") is None
    with pytest.raises(MemoryRefused) as refused:
        await memory.change_details("nobody.x", {"title": "Trip"})
    assert refused.value.status == 404
    assert await memory.list_sessions(None) == []


@unable(Can.KEEP_DETAILS)
async def test_without_details_nothing_is_known_of_a_session(memory: MemoryPort) -> None:
    """A memory without details is not an error for those who look."""
    await seed(memory, "one")
    assert await memory.get_details(SESSION.memory_id) is None


@able(Can.SEARCH)
async def test_words_are_found_in_the_namespace(memory: MemoryPort) -> None:
    """A match says where the words are; a cursor goes on; sessions of others are not searched."""
    await seed(memory, "I like jazz", "Noted", "and more JAZZ")
    await memory.append_messages(Session("other.s", "chat.other"), [Message("Human", "jazz")], turn_id="t")
    found: list[Match] = []
    cursor: str | None = None
    while True:
        page = await memory.search("chat.owner", "jazz", cursor=cursor, limit=1)
        found += page.matches
        cursor = page.cursor
        if cursor is None:
            break
    spoken = [match for match in found if match.where == "message"]
    assert [(match.memory_id, match.message_id) for match in spoken] == [("owner.s1", "3"), ("owner.s1", "1")]
    begin, end = spoken[0].marks[0]
    assert spoken[0].excerpt[begin:end] == "JAZZ"


# --- beginning with a summary -------------------------------------------------------------------------------------

SAID = (Message("Human", "hi im bob"), Message("AI", "Hello Bob."), Message("Human", "bye"))


@able(Can.BEGIN)
async def test_a_session_begins_with_a_summary_of_its_first_messages(memory: MemoryPort) -> None:
    """They are folded already; the same beginning again changes nothing."""
    for _ in range(2):
        await memory.begin_session(SESSION, SAID, "Bob said hi.", covered=2, turn_id="k")
    begun = await memory.get_memory(SESSION.memory_id)
    assert (begun.context, begun.window.folded, await window(memory)) == ("Bob said hi.", 2, ["bye"])
    everything = await memory.list_messages(SESSION.memory_id)
    assert [message.content for message in everything.messages] == [message.content for message in SAID]
    (version,) = (await memory.list_summaries(SESSION.memory_id)).versions
    assert (version.source, version.through) == ("import", "2")
    assert [each.memory_id for each in await memory.list_sessions("chat.owner")] == [SESSION.memory_id]


@every_memory
async def test_a_beginning_can_cover_none_of_its_messages(memory: MemoryPort) -> None:
    """Its summary is then about what was said before them. Only a new session begins so."""
    await memory.begin_session(SESSION, SAID, "Before.", covered=0, turn_id="k")
    begun = await memory.get_memory(SESSION.memory_id)
    assert (begun.context, begun.window.folded, len(begun.messages)) == ("Before.", 0, len(SAID))
    with pytest.raises(SessionExists):
        await memory.begin_session(SESSION, SAID, "Other.", covered=0, turn_id="another")


@able(Can.BEGIN)
async def test_a_session_can_begin_with_a_summary_alone(memory: MemoryPort) -> None:
    """Of what was said elsewhere."""
    await memory.begin_session(SESSION, [], "Bob likes jazz.", covered=0, turn_id="k")
    begun = await memory.get_memory(SESSION.memory_id)
    assert (begun.context, begun.messages, begun.is_empty) == ("Bob likes jazz.", (), False)
    assert [each.memory_id for each in await memory.list_sessions("chat.owner")] == [SESSION.memory_id]


@able(Can.BEGIN)
async def test_a_session_that_exists_is_left_alone(memory: MemoryPort) -> None:
    """And so is one that has begun under the same turn id with other messages."""
    await seed(memory, "one")
    with pytest.raises(SessionExists):
        await memory.begin_session(SESSION, SAID, "Bob said hi.", covered=2, turn_id="k")
    with pytest.raises(TurnConflict):
        await memory.begin_session(SESSION, SAID, "Bob said hi.", covered=2, turn_id="seed")
    assert await window(memory) == ["one"]


@unable(Can.BEGIN)
async def test_where_a_session_cannot_begin_so_nothing_is_written(memory: MemoryPort) -> None:
    """The original would have the covered messages in its window, too."""
    with pytest.raises(NotSupported):
        await memory.begin_session(SESSION, SAID, "Bob said hi.", covered=2, turn_id="k")
    assert await window(memory) == []
