"""Snapshots of a session's messages."""

from __future__ import annotations

from chat.api.ag_ui.events import MessageMetadata, SnapshotMessage
from chat.api.ag_ui.snapshots import snapshot_of
from chat.api.ai_sdk.message_ids import by_ending, ids_of, named_turn
from chat.domain.messages import Message
from chat.sessions.history import History, Question

SAID = (
    Message("Human", "hi", "1", key="t1"),
    Message("AI", "Hello\n\n[stopped]", "2", key="t1"),
    Message("system", "a note", "3"),
    Message("tool", "42", "4"),
)


def test_messages_have_the_ids_of_the_stream():
    """Those of no turn have their number; the mark of a stopped reply becomes metadata."""
    snapshot = snapshot_of(History(SAID, None))
    assert snapshot.event.messages == [
        SnapshotMessage("t1.message", "user", "hi"),
        SnapshotMessage("t1.reply", "assistant", "Hello", MessageMetadata(True)),
        SnapshotMessage("memory-3", "system", "a note"),
        SnapshotMessage("memory-4", "system", "42"),
    ]


def test_the_question_that_is_answered_comes_last():
    """Once, wherever it is known from."""
    asked = SnapshotMessage("t2.message", "user", "and?")
    for history in (History(SAID, None, Question("t2", "and?", True)), History(SAID, None)):
        snapshot = snapshot_of(history, "t2", "and?")
        assert (snapshot.event.messages[4:], snapshot.complete) == ([asked], False)


def test_messages_that_the_client_knows_have_its_own_ids():
    """Each once, wherever they are known from. A client of AG-UI would put one with another id at the end."""
    one, two = named_turn("r1", "mine-1"), named_turn("r2", "mine-2")
    said = tuple(Message(role, "hi", key=turn) for turn in (one, one, "x") for role in ("Human", "AI"))
    known = by_ending(["mine-1", "mine-2", "mine-3"])
    shown = snapshot_of(History(said, None, Question(two, "and?", True)), two, "and?", known=known)
    assert [message.id for message in shown.event.messages] == [
        *("mine-1", "r1.reply", *ids_of(said)[2:4], "x.message", "x.reply", "mine-2"),
    ]


def test_a_remembered_answer_is_complete():
    """Nothing of it remains to be sent, and its question is not added again."""
    snapshot = snapshot_of(History(SAID, None), "t1", "hi")
    assert (len(snapshot.event.messages), snapshot.complete) == (4, True)
