"""The ids of messages in a history."""

from __future__ import annotations

from chat.api.ai_sdk.message_ids import ids_of, question_id, reply_id
from chat.domain.messages import Message


def test_the_messages_of_a_turn_are_named_after_it():
    """The reply as in the stream; the two differ."""
    messages = [Message("Human", "hi", "1", None, "t"), Message("AI", "Hello.", "2", None, "t")]
    assert ids_of(messages) == [question_id("t"), reply_id("t")] == ["t.message", "t.reply"]


def test_messages_of_no_turn_are_named_by_their_number():
    """Those of older versions, of other programs, and of an import."""
    assert ids_of([Message("Human", "a", "1"), Message("AI", "b", "2"), Message("AI", "c", "3", None, "")]) == [*"123"]


def test_no_two_messages_of_a_page_have_the_same_id():
    """Another program may append more than a turn under one key, and the original numbers nothing."""
    together = [Message("Human", "a", "1", None, "k"), Message("AI", "b", "2", None, "k")]
    together += [Message("Human", "c", "3", None, "k"), Message("AI", "d", "4", None, "k")]
    assert ids_of(together) == ["k.message", "k.reply", "3", "4"]
    unnumbered = ids_of([Message("Human", "a"), Message("AI", "a"), Message("Human", "a")])
    assert len(set(unnumbered)) == 3
    assert unnumbered == ids_of([Message("Human", "a"), Message("AI", "a"), Message("Human", "a")])
