"""Sessions and their memory by HTTP, on the site."""

from __future__ import annotations

import json

import pytest

from chat_client import ChatClient, ChatError, Session, SummaryChanged
from tests.chat_client.reading import said
from tests.support.scripted_openai import ScriptedOpenAI


@pytest.fixture
async def trip(chat: ChatClient, model: ScriptedOpenAI) -> Session:
    """A session with two exchanges, in the turns t1 and t2."""
    await chat.ask("trip", "one", turn_id="t1")
    await chat.ask("trip", "two", turn_id="t2")
    return chat.session("trip")


async def test_details_change_as_far_as_they_are_named(trip: Session):
    """None removes one."""
    changed = await trip.change(title="Rome", pinned=True, labels=["travel"], instructions="Keep names.")
    assert await trip.details() == changed
    assert (changed.title, changed.pinned, changed.labels, changed.messages) == ("Rome", True, ["travel"], 4)
    assert (await trip.change(title=None)).title == "one"
    assert (await trip.details()).instructions == "Keep names."


async def test_messages_come_page_by_page(trip: Session):
    """From the newest page backwards, and one by its id or number."""
    page = await trip.messages(limit=2)
    assert [each.text for each in page.messages] == ["two", "You said: two"]
    assert page.answering is None
    older = await trip.messages(before=page.before)
    assert [each.id for each in older.messages] == ["t1.message", "t1.reply"]
    assert older.before is None
    assert await trip.message("t1.reply") == await trip.message("2") == older.messages[1]


async def test_a_summary_is_folded_edited_and_restored(trip: Session, model: ScriptedOpenAI):
    """Each answers the summary as it is then."""
    model.enqueue("Counting.")
    folded = await trip.fold("t1.reply")
    assert (folded.text, folded.folded, folded.window) == ("Counting.", 2, 2)
    edited = await trip.edit_summary("They count.", etag=folded.etag)
    assert await trip.summary() == edited
    assert [each.text for each in (await trip.versions()).versions] == ["They count.", "Counting."]
    assert (await trip.restore(1)).text == "Counting."


async def test_an_edit_of_an_old_summary_is_refused_with_the_new_one(trip: Session):
    """It has the tag for another try."""
    old = await trip.edit_summary("One.", etag="*")
    await trip.edit_summary("Two.", etag=old.etag)
    with pytest.raises(SummaryChanged) as refused:
        await trip.edit_summary("Three.", etag=old.etag)
    assert (refused.value.current, refused.value.yours) == ("Two.", "Three.")
    assert (await trip.edit_summary("Three.", etag=refused.value.etag)).text == "Three."


async def test_a_session_forks_and_rewinds(chat: ChatClient, trip: Session):
    """The fork keeps what the original withdraws, and others can be put in its place."""
    assert (await trip.fork("t1.reply", "fork")).id == "fork"
    with pytest.raises(ChatError) as refused:
        await trip.rewind("0", newest="t1.reply")
    assert refused.value.code == "said_since"
    await trip.rewind("t1.reply", newest="t2.reply")
    assert await said(chat, "trip") == await said(chat, "fork") == ["one", "You said: one"]
    await trip.replace("0", [("user", "zero"), ("assistant", "nothing")])
    assert await said(chat, "trip") == ["zero", "nothing"]
    newest = (await trip.messages()).messages[-1]
    assert (await trip.fork(newest.id)).id not in {"trip", "fork"}


async def test_what_the_model_saw_can_be_read(trip: Session):
    """By the turn, and by either of its messages."""
    prompt = await trip.prompt("t2")
    assert [part.text for part in prompt.parts][1:] == ["one", "You said: one", "two"]
    assert prompt.end is not None
    assert await trip.prompt_of("t2.reply") == prompt


async def test_a_session_is_exported_and_deleted(chat: ChatClient, trip: Session):
    """Nothing is left of it, which is said."""
    (exported,) = json.loads(await trip.export())["sessions"]
    assert len(exported["messages"]) == 4
    assert "You said: two" in await trip.export("markdown")
    await trip.delete()
    with pytest.raises(ChatError, match="Nothing is remembered") as refused:
        await trip.details()
    assert (refused.value.code, refused.value.status, refused.value.retryable) == ("unknown_session", 404, False)
