"""A turn's events become the chunks that the AI SDK expects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.api.ai_sdk.chunks import AnswerFrames
from chat.api.ai_sdk.frames import encode
from chat.domain.events import (
    MemoryLoaded,
    ReasoningDelta,
    ReasoningEnded,
    Restarted,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)

STARTED = TurnStarted("t1", "hi im bob", "web.1", 4711)
LOADED = MemoryLoaded("bob said hi", 3)


def chunks(*events: Any) -> list[dict[str, Any]]:
    """The chunks of an answer, after a check of their frames: request, sequence without gaps, no null."""
    answer = AnswerFrames("r")
    frames = [json.loads(encode(frame)) for event in events for frame in answer.frames(event)]
    assert [frame["sequence"] for frame in frames] == list(range(len(frames)))
    assert {(frame["type"], frame["requestId"]) for frame in frames} <= {("chunk", "r")}
    assert "null" not in json.dumps(frames)
    return [frame["chunk"] for frame in frames]


def kinds(*events: Any) -> list[str]:
    return [chunk["type"] for chunk in chunks(*events)]


def test_a_whole_answer():
    """An answer is start, memory, text from its start to its end, and finish, in this order."""
    said = chunks(STARTED, LOADED, TextDelta("Hi "), TextDelta("Bob."), TurnFinished("Hi Bob."))
    assert said == [
        {
            "type": "start",
            "messageId": "t1.reply",
            "messageMetadata": {"turnId": "t1", "servedBy": {"worker": "web.1", "pid": 4711}},
        },
        {"type": "data-memory", "id": "memory", "data": {"messages": 3, "context": "bob said hi"}},
        {"type": "text-start", "id": "text"},
        {"type": "text-delta", "id": "text", "delta": "Hi "},
        {"type": "text-delta", "id": "text", "delta": "Bob."},
        {"type": "text-end", "id": "text"},
        {"type": "finish", "finishReason": "stop"},
    ]


THOUGHT = ReasoningDelta("Who is "), ReasoningDelta("Bob?")


def test_reasoning_is_a_part_before_the_text():
    """Reasoning has a part of its own, which ends before the text begins."""
    said = chunks(STARTED, *THOUGHT, ReasoningEnded(1.5), TextDelta("Bob."), TurnFinished("Bob."))
    assert said[1:] == [
        {"type": "reasoning-start", "id": "reasoning"},
        {"type": "reasoning-delta", "id": "reasoning", "delta": "Who is "},
        {"type": "reasoning-delta", "id": "reasoning", "delta": "Bob?"},
        {"type": "reasoning-end", "id": "reasoning"},
        {"type": "text-start", "id": "text"},
        {"type": "text-delta", "id": "text", "delta": "Bob."},
        {"type": "text-end", "id": "text"},
        {"type": "finish", "finishReason": "stop"},
    ]


@pytest.mark.parametrize(
    ("ending", "last"),
    [(TurnStopped("", remembered=False), "abort"), (TurnFailed("model_silent", "Empty.", retryable=True), "error")],
)
def test_reasoning_ends_with_the_turn(ending, last):
    """A turn that ends while the model thinks closes the part first."""
    assert kinds(STARTED, *THOUGHT, ending)[1:] == [
        "reasoning-start",
        "reasoning-delta",
        "reasoning-delta",
        "reasoning-end",
        last,
    ]


def test_reasoning_behind_text_is_another_part_of_it():
    """The text stays one part, however often the model thinks."""
    said = kinds(STARTED, TextDelta("Hi"), THOUGHT[0], TextDelta(" Bob"), TurnFinished("Hi Bob"))
    assert said[1:] == [
        "text-start",
        "text-delta",
        "reasoning-start",
        "reasoning-delta",
        "reasoning-end",
        "text-delta",
        "text-end",
        "finish",
    ]


@pytest.mark.parametrize(("cut", "reason"), [("length", "length"), ("content_filter", "content-filter")])
def test_an_answer_that_was_cut_short_says_so_as_the_ai_sdk_does(cut: str, reason: str):
    """The finish reason distinguishes it from a complete answer."""
    said = chunks(STARTED, TextDelta("Hi"), TurnFinished("Hi", cut=cut))
    assert said[-1] == {"type": "finish", "finishReason": reason}


def test_the_memory_says_only_what_there_is():
    """Without a summary there is no context; omitted and recalled messages are mentioned only if there are any."""
    assert chunks(MemoryLoaded(None, 0))[0]["data"] == {"messages": 0}
    full = chunks(MemoryLoaded("c", 5, 2, ("bob likes figs",)))[0]["data"]
    assert full == {"messages": 5, "context": "c", "omitted": 2, "recalled": ["bob likes figs"]}
    troubled = chunks(MemoryLoaded(None, 1, trouble="Nothing could be recalled."))[0]["data"]
    assert troubled == {"messages": 1, "trouble": "Nothing could be recalled."}


def test_a_stopped_answer_ends_its_text_and_aborts():
    """The text so far is followed by text-end and abort."""
    assert kinds(STARTED, TextDelta("Hi"), TurnStopped("Hi"))[-2:] == ["text-end", "abort"]


def test_an_answer_stopped_before_its_first_word_has_no_text():
    """No text-end comes without a text-start."""
    assert kinds(STARTED, LOADED, TurnStopped("", remembered=False)) == ["start", "data-memory", "abort"]


@pytest.mark.parametrize("ending", [TurnFinished, TurnStopped])
def test_an_exchange_that_was_not_remembered_says_so(ending):
    """Before its last chunk the message gets the reason why it is not remembered."""
    said = chunks(STARTED, TextDelta("Hi"), ending("Hi", remembered=False, reason="Memory is away."))
    assert said[-2]["messageMetadata"] == {"remembered": False, "reason": "Memory is away."}


def test_a_failed_turn_ends_in_an_error():
    """A failed turn closes its text and gives a sentence, a code, and whether a retry may help."""
    said = chunks(STARTED, TextDelta("H"), TurnFailed("model_stalled", "It broke off.", True, "H"))
    assert said[-2:] == [
        {"type": "text-end", "id": "text"},
        {"type": "error", "errorText": "It broke off.", "code": "model_stalled", "retryable": True},
    ]


def test_a_restart_has_no_chunks():
    """No chunk can take text back, so the connection has to be closed instead."""
    assert chunks(Restarted()) == []


def test_a_second_memory_state_replaces_the_first():
    """Both have the same id, so the client's library keeps the last."""
    first, second, *_ = chunks(MemoryLoaded(None, 11), MemoryLoaded(None, 3, 8), TextDelta("Hi"))
    assert first["id"] == second["id"]
    assert second["data"] == {"messages": 3, "omitted": 8}
