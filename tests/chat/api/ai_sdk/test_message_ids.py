"""The ids of messages in a history."""

from __future__ import annotations

from chat.api.ai_sdk.message_ids import (
    another_turn_of,
    ids_of,
    is_given,
    is_of,
    name_of,
    named_turn,
    question_id,
    reply_id,
    turn_of,
)
from chat.domain.messages import Message


def test_the_messages_of_a_turn_are_named_after_it():
    """The reply as in the stream; the two differ."""
    messages = [Message("Human", "hi", "1", None, "t"), Message("AI", "Hello.", "2", None, "t")]
    assert ids_of(messages) == [question_id("t"), reply_id("t")] == ["t.message", "t.reply"]


def test_messages_of_no_turn_are_named_by_their_number():
    """Those of older versions, of other programs, and of an import."""
    messages = [Message("Human", "a", "1"), Message("AI", "b", "2"), Message("AI", "c", "3", None, "")]
    assert ids_of(messages) == ["memory-1", "memory-2", "memory-3"]


def test_no_two_messages_of_a_page_have_the_same_id():
    """Another program may append more than a turn under one key, and the original numbers nothing."""
    together = [Message("Human", "a", "1", None, "k"), Message("AI", "b", "2", None, "k")]
    together += [Message("Human", "c", "3", None, "k"), Message("AI", "d", "4", None, "k")]
    assert ids_of(together) == ["k.message", "k.reply", "memory-3", "memory-4"]
    unnumbered = ids_of([Message("Human", "a"), Message("AI", "a"), Message("Human", "a")])
    assert len(set(unnumbered)) == 3
    assert unnumbered == ids_of([Message("Human", "a"), Message("AI", "a"), Message("Human", "a")])


def test_the_turns_of_a_message_are_recognised():
    """The first by its text, and every other by its beginning, with the reply; those of other messages are not."""
    first = Message("Human", "hi", "1", None, turn_of("m", "hi"))
    edited = another_turn_of("m", "ho", "r")
    assert is_of("m", first)
    assert is_of("m", Message("Human", "ho", "1", None, edited))
    assert is_of("m", Message("AI", "Hello.", "2", None, edited))
    assert not is_of("n", first)
    assert not is_of("m", Message("Human", "hi", "1"))


def test_a_named_turn_is_recognised_by_its_message():
    """Its messages are named as if the id of that one were not part of it."""
    turn = named_turn("run-1", "m")
    assert (name_of(turn), reply_id(turn), question_id(turn)) == ("run-1", "run-1.reply", "run-1.message")
    messages = [Message("Human", "hi", "1", None, turn), Message("AI", "Hello.", "2", None, turn)]
    assert [is_of("m", message) for message in messages] == [True, True]
    assert [is_of(each, messages[0]) for each in ("n", "", "run-1", "run-1.reply")] == [False, False, False, True]
    assert named_turn("run-1", "") == "run-1" == name_of("run-1")
    assert named_turn("r" * 128, "m") == "r" * 128


def test_the_ids_of_a_history_are_recognised():
    """They name their own message, or its reply, and no other."""
    messages = [Message("Human", "hi", "1", None, "t"), Message("AI", "Hello.", "2", None, "t")]
    messages.append(Message("AI", "c", "3"))
    for message_id in ids_of(messages):
        assert is_given(message_id)
    assert [is_of("t.reply", message) for message in messages] == [True, True, False]
    assert [is_of("memory-3", message) for message in messages] == [False, False, True]


def test_the_ids_of_clients_are_not_those_of_the_site():
    """A client that counts its messages does not mean the memory's numbers."""
    assert not is_given("3")
    assert not is_of("3", Message("Human", "hi", "3"))
    assert turn_of("", "hi") != turn_of("", "hi")
