"""Chunks of an answer as events, once each, over any number of replays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from chat_client import (
    ChatError,
    Event,
    MemoryLoaded,
    NotUnderstood,
    ReasoningDelta,
    Restarted,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat_client.answer import Answer

Chunk = dict[str, Any]
METADATA = {"turnId": "t1", "servedBy": {"worker": "web.1", "pid": 7}}
START: Chunk = {"type": "start", "messageId": "t1.reply", "messageMetadata": METADATA}
QUESTION: Chunk = {"type": "data-question", "id": "question", "data": {"turnId": "t1", "text": "hi"}}
MEMORY: Chunk = {"type": "data-memory", "id": "memory", "data": {"messages": 2, "context": "Bob says hi."}}
FINISH: Chunk = {"type": "finish", "finishReason": "stop"}

STARTED = TurnStarted("t1", "t1.reply", "hi", "web.1", 7)
LOADED = MemoryLoaded("Bob says hi.", 2)


def text(delta: str) -> Chunk:
    return {"type": "text-delta", "id": "text", "delta": delta}


def reasoning(delta: str) -> Chunk:
    return {"type": "reasoning-delta", "id": "reasoning", "delta": delta}


def events(answer: Answer, *chunks: Chunk) -> list[Event]:
    """The events of a replay that begins with ``chunks``."""
    answer.replay()
    return [event for chunk in chunks for event in answer.events(chunk)]


def test_an_answer_has_its_events_in_order() -> None:
    """Chunks that only begin or end a part have none, nor have those of a newer site."""
    chunks = [
        *(START, MEMORY, {"type": "reasoning-start", "id": "r"}, reasoning("hm"), {"type": "reasoning-end", "id": "r"}),
        *({"type": "text-start", "id": "t"}, text("Hel"), {"type": "data-new", "data": 1}, text("lo")),
        *({"type": "text-end", "id": "t"}, FINISH),
    ]
    deltas = [ReasoningDelta("hm"), TextDelta("Hel"), TextDelta("lo")]
    assert events(Answer("hi"), *chunks) == [STARTED, LOADED, *deltas, TurnFinished("Hello")]


def test_a_resumed_answer_starts_with_its_message() -> None:
    """The client does not have it, the site sends it."""
    assert events(Answer(), START, QUESTION, MEMORY) == [STARTED, LOADED]


def test_a_replay_that_says_the_same_yields_only_what_is_new() -> None:
    """However it is cut into pieces, and whichever worker it comes from."""
    answer = Answer("hi")
    events(answer, START, MEMORY, text("Hel"))
    elsewhere = {**START, "messageMetadata": {**METADATA, "servedBy": {"worker": "web.2", "pid": 8}}}
    assert events(answer, elsewhere, MEMORY, text("Hello"), text(", Bob"), FINISH) == [
        TextDelta("lo"),
        TextDelta(", Bob"),
        TurnFinished("Hello, Bob"),
    ]


def test_a_replay_that_says_something_else_restarts() -> None:
    """The whole turn follows, from the point of view of its reader."""
    answer = Answer("hi")
    events(answer, START, MEMORY, reasoning("hm"), text("Hello"))
    begun = events(answer, START, MEMORY, reasoning("hm"), text("Hel"))
    assert begun == []
    assert list(answer.events(text("p!"))) == [
        *(Restarted(), STARTED, LOADED, ReasoningDelta("hm"), TextDelta("Hel"), TextDelta("p!")),
    ]
    assert list(answer.events(FINISH)) == [TurnFinished("Help!")]


def test_a_replay_that_ends_earlier_restarts() -> None:
    """It is another answer, of which what was read is too much."""
    answer = Answer("hi")
    events(answer, START, text("Hello, Bob"))
    assert events(answer, START, text("Hello"), FINISH) == [
        *(Restarted(), STARTED, TextDelta("Hello"), TurnFinished("Hello")),
    ]


def test_a_replay_of_another_turn_is_refused() -> None:
    """The two are never mixed."""
    answer = Answer()
    events(answer, START, QUESTION, text("Hel"))
    another = {**START, "messageMetadata": {**METADATA, "turnId": "t2"}}
    with pytest.raises(ChatError, match="has gone on") as refused:
        events(answer, another, QUESTION)
    assert refused.value.code == "run_unknown"


def test_an_end_says_how_it_came() -> None:
    """Stopped, cut short, or not remembered."""
    forgotten = {"type": "message-metadata", "messageMetadata": {"remembered": False, "reason": "Deleted."}}
    assert events(Answer("hi"), START, text("a"), {"type": "abort"})[-1] == TurnStopped("a")
    assert events(Answer("hi"), START, forgotten, FINISH)[-1] == TurnFinished("", False, "Deleted.")
    assert events(Answer("hi"), START, {**FINISH, "finishReason": "length"})[-1] == TurnFinished("", cut="length")


def test_a_failure_raises_with_the_text_before_it() -> None:
    """Its sentence and code are the site's."""
    failed = {"type": "error", "errorText": "It broke off.", "code": "model_cut", "retryable": True}
    with pytest.raises(TurnFailed, match=r"It broke off\.") as raised:
        events(Answer("hi"), START, text("Hel"), failed)
    assert (raised.value.code, raised.value.retryable, raised.value.reply) == ("model_cut", True, "Hel")


KINDS = [
    "start",
    "data-question",
    "data-memory",
    "text-delta",
    "reasoning-delta",
    "message-metadata",
    "finish",
    "error",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["data", "delta", "text"]), each),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.fixed_dictionaries({"type": st.sampled_from(KINDS)}, optional={"data": JSON, "delta": JSON})))
def test_a_chunk_without_what_it_needs_is_not_understood(chunks: Iterable[Chunk]) -> None:
    """Whatever comes, nothing else is raised."""
    answer = Answer("hi")
    for chunk in chunks:
        try:
            list(answer.events(chunk))
        except (NotUnderstood, TurnFailed):
            return
