"""The behaviour of every `chat.turns.ports.MemoryPort`, and of those that lack a feature."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from chat.domain.details import SessionListing
from chat.domain.exceptions import MemoryRefused, SessionGone, TurnConflict
from chat.domain.messages import FoldState, Memory, Message
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort
from tests.chat.memory.memories import MEMORIES, Can, able, every_memory, unable
from tests.support.ports import until

SESSION = Session("owner.s1", "chat.owner")
PAIR = [Message("Human", "hi im bob"), Message("AI", "Hi Bob")]


@pytest.fixture
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[MemoryPort]:
    """An empty memory."""
    opened, _ = MEMORIES[request.param]
    async with opened(request) as memory:
        yield memory


async def append(memory: MemoryPort, *contents: str, session: Session = SESSION) -> None:
    """Append each of ``contents`` as a message of the user, in its own turn."""
    for content in contents:
        await memory.append_messages(session, [Message("Human", content)], turn_id=content.encode().hex())


def spoken(messages: tuple[Message, ...] | list[Message]) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in messages]


async def ids(memory: MemoryPort, namespace: str | None) -> list[str]:
    return [listing.memory_id for listing in await memory.list_sessions(namespace)]


# --- what every memory does ---------------------------------------------------------------------------------------


@every_memory
async def test_an_unknown_session_is_empty(memory: MemoryPort) -> None:
    """An unknown session has no messages and no summary, but a window size."""
    found = await memory.get_memory("nobody.x")
    assert (found.messages, found.context, found.tokens, found.epoch) == ((), None, 0, None)
    assert found.window.size == 12
    assert found.is_empty


@every_memory
async def test_what_was_appended_comes_back_oldest_first(memory: MemoryPort) -> None:
    """Roles and texts come back unchanged."""
    text = "Motörhead 🤘 日本語: a line\n\n: and {another} \u0000 %s"
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    await memory.append_messages(SESSION, [Message("Human", text)], turn_id="t2")
    found = await memory.get_memory(SESSION.memory_id)
    assert spoken(found.messages) == [*spoken(PAIR), ("Human", text)]
    assert not found.is_empty


@every_memory
async def test_any_id_names_a_session_of_its_own(memory: MemoryPort) -> None:
    """Ids may contain characters with a meaning in addresses."""
    names = ["..", ".", "a/b", "..%2F..", "100%", "M\u00f6t\u00f6r?#[x]", "a b", "{b}"]
    for name in names:
        await append(memory, name, session=Session(name))
    for name in names:
        assert spoken((await memory.get_memory(name)).messages) == [("Human", name)]


@every_memory
async def test_a_turn_that_may_have_been_appended_is_appended_once(memory: MemoryPort) -> None:
    """With ``again`` an append is not repeated, even by a server that knows no turn ids."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    await memory.append_messages(SESSION, PAIR, turn_id="t1", again=True)
    assert spoken((await memory.get_memory(SESSION.memory_id)).messages) == spoken(PAIR)
    other = [Message("Human", "next"), Message("AI", "Yes?")]
    await memory.append_messages(SESSION, other, turn_id="t2", again=True)
    assert spoken((await memory.get_memory(SESSION.memory_id)).messages) == [*spoken(PAIR), *spoken(other)]


@every_memory
async def test_a_deleted_session_is_empty_and_can_begin_again(memory: MemoryPort) -> None:
    """A deletion does not affect other sessions, and deleting an unknown session is not an error."""
    other = Session("owner.s2", "chat.owner")
    for session in (SESSION, other):
        await memory.append_messages(session, PAIR, turn_id="t1")
    for _ in range(2):
        await memory.delete_memory(SESSION)
    assert (await memory.get_memory(SESSION.memory_id)).is_empty
    assert spoken((await memory.get_memory(other.memory_id)).messages) == spoken(PAIR)
    await memory.append_messages(SESSION, PAIR[:1], turn_id="t1")
    assert spoken((await memory.get_memory(SESSION.memory_id)).messages) == spoken(PAIR[:1])


@every_memory
async def test_sessions_are_listed_in_their_namespace(memory: MemoryPort) -> None:
    """Sessions are listed by namespace, in pages, and deleted ones are not listed."""
    mine = [Session(f"owner.s{number}", "chat.owner") for number in range(3)]
    for session in (*mine, Session("other.s1", "chat.other"), Session("nobodys")):
        await append(memory, "hi", session=session)
    names = {session.memory_id for session in mine}
    assert set(await ids(memory, "chat.owner")) == names
    assert (await ids(memory, "chat.other"), await ids(memory, None)) == (["other.s1"], ["nobodys"])
    pages = [await memory.list_sessions("chat.owner", page=page, size=2) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert {listing.memory_id for page in pages for listing in page} == names
    await memory.delete_memory(mine[1])
    assert set(await ids(memory, "chat.owner")) == names - {mine[1].memory_id}


# --- turns and lives ------------------------------------------------------------------------------------------------


@able(Can.KNOW_TURNS)
async def test_a_turn_is_appended_once(memory: MemoryPort) -> None:
    """A repeated append changes nothing; other messages with the same turn id are a conflict."""
    for _ in range(3):
        await memory.append_messages(SESSION, PAIR, turn_id="t1")
    assert spoken((await memory.get_memory(SESSION.memory_id)).messages) == spoken(PAIR)
    with pytest.raises(TurnConflict):
        await memory.append_messages(SESSION, PAIR[:1], turn_id="t1")


@able(Can.KNOW_TURNS)
async def test_a_message_names_its_turn(memory: MemoryPort) -> None:
    """Both messages of a turn do, in the window and in the history."""
    await memory.append_messages(SESSION, PAIR, turn_id="t:1")
    window = (await memory.get_memory(SESSION.memory_id)).messages
    history = (await memory.list_messages(SESSION.memory_id)).messages
    assert [message.key for message in (*window, *history)] == ["t:1"] * 4


@unable(Can.KNOW_TURNS)
async def test_without_turns_two_appends_are_two(memory: MemoryPort) -> None:
    """Without turn ids a repeated append is a second one, unless the caller passes ``again``."""
    for _ in range(2):
        await memory.append_messages(SESSION, PAIR, turn_id="t1")
    assert spoken((await memory.get_memory(SESSION.memory_id)).messages) == spoken(PAIR) * 2


@able(Can.KNOW_LIVES)
async def test_an_append_to_a_deleted_session_is_refused(memory: MemoryPort) -> None:
    """An append with an old epoch is refused, even if the id was used again for another session."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    epoch = (await memory.get_memory(SESSION.memory_id)).epoch
    assert epoch
    await memory.append_messages(SESSION, PAIR, turn_id="t2", epoch=epoch)
    await memory.delete_memory(SESSION)
    with pytest.raises(SessionGone):
        await memory.append_messages(SESSION, PAIR, turn_id="t3", epoch=epoch)
    await memory.append_messages(SESSION, PAIR, turn_id="t4")
    with pytest.raises(SessionGone):
        await memory.append_messages(SESSION, PAIR, turn_id="t5", epoch=epoch)
    assert (await memory.get_memory(SESSION.memory_id)).epoch not in {epoch, None}


@unable(Can.KNOW_LIVES)
async def test_without_lives_a_session_has_no_epoch(memory: MemoryPort) -> None:
    """Without epochs a session is like the deleted one before it, so an append with an epoch is accepted."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    assert (await memory.get_memory(SESSION.memory_id)).epoch is None
    await memory.append_messages(SESSION, PAIR, turn_id="t2", epoch="e")
    assert len((await memory.get_memory(SESSION.memory_id)).messages) == 4


@able(Can.TELL_CHANGES)
async def test_an_unchanged_session_is_not_sent_again(memory: MemoryPort) -> None:
    """An unchanged session is not sent again; an append, a deletion and a new beginning change it."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    found = await memory.get_memory(SESSION.memory_id)
    assert await memory.get_changed_memory(SESSION.memory_id, found.etag) is None
    assert await memory.get_changed_memory(SESSION.memory_id, None) == found
    await memory.append_messages(SESSION, PAIR, turn_id="t2")
    changed = await memory.get_changed_memory(SESSION.memory_id, found.etag)
    assert changed is not None
    assert len(changed.messages) == 4
    await memory.delete_memory(SESSION)
    gone = await memory.get_changed_memory(SESSION.memory_id, changed.etag)
    assert gone is not None
    assert gone.is_empty
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    assert await memory.get_changed_memory(SESSION.memory_id, found.etag) is not None


@unable(Can.TELL_CHANGES)
async def test_without_tags_a_session_comes_every_time(memory: MemoryPort) -> None:
    """Without an etag a session is always sent."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    found = await memory.get_changed_memory(SESSION.memory_id, "whatever")
    assert found == await memory.get_memory(SESSION.memory_id)
    assert found.etag is None


# --- messages and lists ---------------------------------------------------------------------------------------------


@able(Can.NAME_MESSAGES)
async def test_messages_have_ids_and_times(memory: MemoryPort) -> None:
    """Messages have different ids, and times."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    await memory.append_messages(SESSION, PAIR, turn_id="t2")
    found = (await memory.get_memory(SESSION.memory_id)).messages
    assert len({message.id for message in found} - {None}) == 4
    assert all(message.created_at for message in found)


@unable(Can.NAME_MESSAGES)
async def test_without_ids_messages_are_words_alone(memory: MemoryPort) -> None:
    """Without ids messages have only their text: none are made up."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    assert (await memory.get_memory(SESSION.memory_id)).messages == tuple(PAIR)


@able(Can.DESCRIBE_SESSIONS)
async def test_lists_begin_with_the_newest_and_say_what_each_session_is(memory: MemoryPort) -> None:
    """The title is the beginning of the first message, and an append makes a session the newest."""
    for name, content in (("owner.s1", "hi  from\none"), ("owner.s2", "hi from two"), ("owner.s1", "it is me again")):
        await append(memory, content, session=Session(name, "chat.owner"))
    listed = await memory.list_sessions("chat.owner")
    assert [(listing.memory_id, listing.title, listing.messages) for listing in listed] == [
        ("owner.s1", "hi from one", 2),
        ("owner.s2", "hi from two", 1),
    ]
    assert all(each.created_at and each.updated_at and each.created_at <= each.updated_at for each in listed)


@unable(Can.DESCRIBE_SESSIONS)
async def test_without_descriptions_lists_are_ids_alone(memory: MemoryPort) -> None:
    """Lists without descriptions consist of ids, oldest activity first."""
    for name, content in (("a", "hi"), ("b", "hi"), ("a", "it is me again")):
        await append(memory, content, session=Session(name))
    assert await memory.list_sessions() == [SessionListing("b"), SessionListing("a")]


@able(Can.LIST_NAMESPACES)
async def test_namespaces_are_those_that_hold_sessions(memory: MemoryPort) -> None:
    """A namespace disappears with its last session."""
    await append(memory, "hi", session=SESSION)
    await append(memory, "hi", session=Session("other.s1", "chat.other"))
    await append(memory, "hi", session=Session("nobodys"))
    assert set(await memory.list_namespaces()) == {"chat.owner", "chat.other"}
    await memory.delete_memory(SESSION)
    assert await memory.list_namespaces() == ["chat.other"]


@able(Can.KEEP_MESSAGES)
async def test_everything_ever_said_can_be_scrolled_through(memory: MemoryPort) -> None:
    """All messages can be read page by page, each oldest first, back to the first message."""
    await append(memory, *"01234")
    newest = await memory.list_messages(SESSION.memory_id, limit=3)
    assert [message.content for message in newest.messages] == ["2", "3", "4"]
    oldest = await memory.list_messages(SESSION.memory_id, before=newest.before, limit=3)
    assert [message.content for message in oldest.messages] == ["0", "1"]
    assert oldest.before is None
    assert (await memory.list_messages("nobody.x")).messages == ()


# --- folds ----------------------------------------------------------------------------------------------------------


async def folded(memory: MemoryPort, count: int) -> Memory:
    """The session with ``count`` messages, when no fold is due any more."""
    await append(memory, *map(str, range(count)))

    async def settled() -> bool:
        return (await memory.get_memory(SESSION.memory_id)).window.fold is FoldState.IDLE

    await until(settled)
    return await memory.get_memory(SESSION.memory_id)


@able(Can.TELL_FOLDS)
async def test_every_message_is_in_the_window_or_folded(memory: MemoryPort) -> None:
    """A full window is folded: it keeps the newest messages and summarises the others."""
    found = await folded(memory, 20)
    assert found.window.folded_at
    assert found.context
    assert 0 < len(found.messages) <= found.window.size
    assert [message.content for message in found.messages] == [str(n) for n in range(found.window.folded, 20)]
    assert found.tokens > 0


@unable(Can.TELL_FOLDS)
async def test_where_folds_are_not_reported_their_state_is_unknown(memory: MemoryPort) -> None:
    """Without reports the state of folds is unknown, and the window's size is the client's setting."""
    await append(memory, "hi")
    window = (await memory.get_memory(SESSION.memory_id)).window
    assert (window.fold, window.folded, window.size) == (FoldState.UNKNOWN, 0, 12)


@able(Can.KEEP_MESSAGES)
async def test_what_was_folded_can_still_be_read(memory: MemoryPort) -> None:
    """Folded messages can still be read."""
    await folded(memory, 20)
    page = await memory.list_messages(SESSION.memory_id)
    assert [message.content for message in page.messages] == [str(n) for n in range(20)]


@able(Can.FOLD_NOW)
async def test_a_fold_can_be_asked_for(memory: MemoryPort) -> None:
    """A requested fold leaves half of the window, even if it is not full."""
    await append(memory, *map(str, range(10)))
    found = await memory.fold(SESSION.memory_id)
    assert [message.content for message in found.messages] == ["4", "5", "6", "7", "8", "9"]
    assert found.window.folded == 4
    assert found == await memory.get_memory(SESSION.memory_id)


@able(Can.KEEP_VERSIONS)
async def test_every_version_of_the_summary_is_kept(memory: MemoryPort) -> None:
    """Versions are listed newest first, and the newest is the current summary."""
    assert (await memory.list_summaries(SESSION.memory_id)).versions == ()
    await append(memory, *map(str, range(10)))
    await memory.fold(SESSION.memory_id)
    await append(memory, *map(str, range(10, 14)))
    found = await memory.fold(SESSION.memory_id)
    versions = (await memory.list_summaries(SESSION.memory_id)).versions
    assert [version.version for version in versions] == [2, 1]
    assert versions[0].context == found.context
    assert all(version.created_at and version.tokens for version in versions)
    assert (await memory.list_summaries(SESSION.memory_id, limit=1)).versions == versions[:1]


@able(Can.RECALL)
async def test_messages_are_found_again_in_their_own_session(memory: MemoryPort) -> None:
    """At most ten messages of the session itself are found, closest first."""
    await append(memory, "my cat is called Lemmy", *(f"the weather is fine on day {n}" for n in range(12)))
    await append(memory, "my cat is called Phil", session=Session("owner.s2", "chat.owner"))

    async def found_all() -> bool:
        return len(await memory.recall(SESSION.memory_id, "my cat is called Lemmy")) == 10

    await until(found_all)
    found = await memory.recall(SESSION.memory_id, "my cat is called Lemmy")
    assert spoken(found[:1]) == [("Human", "my cat is called Lemmy")]
    assert all("Phil" not in message.content for message in found)


@unable(Can.RECALL)
async def test_without_long_term_memory_recalling_is_refused(memory: MemoryPort) -> None:
    """Without long-term memory a recall is refused instead of returning nothing, so that the turn can say so."""
    with pytest.raises(MemoryRefused, match="Long term memory is disabled"):
        await memory.recall(SESSION.memory_id, "jazz")


# --- calls that a memory does not have ------------------------------------------------------------------------------

CALLS: dict[Can, Callable[[MemoryPort], object]] = {
    Can.LIST_NAMESPACES: lambda memory: memory.list_namespaces(),
    Can.KEEP_MESSAGES: lambda memory: memory.list_messages("s"),
    Can.FOLD_NOW: lambda memory: memory.fold("s"),
    Can.KEEP_VERSIONS: lambda memory: memory.list_summaries("s"),
    Can.RESTORE: lambda memory: memory.restore_summary("s", 1),
    Can.FORK: lambda memory: memory.fork(Session("s"), "1", Session("t")),
    Can.KEEP_DETAILS: lambda memory: memory.change_details("s", {"title": "Trip"}),
    Can.SEARCH: lambda memory: memory.search(None, "jazz"),
}
MISSING = [
    (name, ability) for name, (_, abilities) in MEMORIES.items() for ability in CALLS if ability not in abilities
]


@pytest.mark.parametrize(("memory", "call"), MISSING, indirect=["memory"])
async def test_a_call_that_a_memory_does_not_have_is_refused_as_such(memory: MemoryPort, call: Can) -> None:
    """A missing call is refused with status 404, by which a use case knows to do without it."""
    with pytest.raises(MemoryRefused) as refused:
        await CALLS[call](memory)  # type: ignore[misc]
    assert refused.value.status == 404
