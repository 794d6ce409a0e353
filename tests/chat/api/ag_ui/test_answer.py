"""A turn's events as those of AG-UI."""

from __future__ import annotations

import json
from typing import Any

from chat.api.ag_ui.answer import AnswerEvents
from chat.api.ag_ui.events import encode
from chat.domain.events import (
    Event,
    MemoryLoaded,
    ReasoningDelta,
    ReasoningEnded,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)

STARTED = TurnStarted("t", "hi", "web.1", 7)
LOADED = MemoryLoaded("a summary", 4, omitted=2)


def sent(*events: Event) -> list[dict[str, Any]]:
    """What the events are converted to, for the run ``r`` of the session ``s``."""
    answer = AnswerEvents("s", "r")
    return [json.loads(encode(made)) for event in events for made in answer.events(event)]


def test_an_answer_is_a_run_with_a_message():
    """The ids of messages are made from the turn, those of the run are the client's."""
    assert sent(STARTED, LOADED, TextDelta("Hel"), TextDelta("lo"), TurnFinished("Hello")) == [
        {
            "type": "RUN_STARTED",
            "threadId": "s",
            "runId": "r",
            "protocolVersion": "1.0",
            "metadata": {"servedBy": {"worker": "web.1", "pid": 7}},
        },
        {
            "type": "STATE_SNAPSHOT",
            "snapshot": {"memory": {"messages": 6, "context": "a summary", "omitted": 2, "recalled": []}},
        },
        {"type": "TEXT_MESSAGE_START", "messageId": "t.reply", "role": "assistant"},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "t.reply", "delta": "Hel"},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "t.reply", "delta": "lo"},
        {"type": "TEXT_MESSAGE_END", "messageId": "t.reply"},
        {"type": "STATE_DELTA", "delta": [{"path": "/memory/messages", "value": 8, "op": "replace"}]},
        {
            "type": "RUN_FINISHED",
            "threadId": "s",
            "runId": "r",
            "outcome": {"type": "success"},
            "result": {"remembered": True},
        },
    ]


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_reasoning_has_messages_of_its_own():
    """More of it behind the text is another message."""
    made = sent(STARTED, ReasoningDelta("a"), ReasoningEnded(1), TextDelta("b"), ReasoningDelta("c"), TextDelta("d"))
    reasoning = ["REASONING_START", "REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT"]
    ended = ["REASONING_MESSAGE_END", "REASONING_END"]
    text = ["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT"]
    assert kinds(made)[1:] == [*reasoning, *ended, *text, *reasoning, *ended, text[1]]
    ids = {event["messageId"] for event in made if event["type"].startswith("REASONING")}
    assert ids == {"t.reasoning", "t.reasoning-2"}


def test_a_smaller_prompt_changes_the_state():
    """The first memory is the state, a later one replaces the memory in it."""
    first, second = sent(STARTED, LOADED, MemoryLoaded("a summary", 2, omitted=4))[1:]
    assert (first["type"], second["type"]) == ("STATE_SNAPSHOT", "STATE_DELTA")
    assert second["delta"][0]["path"] == "/memory"
    assert second["delta"][0]["value"] == {"messages": 6, "context": "a summary", "omitted": 4, "recalled": []}


def test_what_is_not_remembered_does_not_change_the_state():
    """And the result says why."""
    failed = sent(STARTED, LOADED, TextDelta("x"), TurnFinished("x", remembered=False, reason="It is down."))
    assert "STATE_DELTA" not in kinds(failed)
    assert failed[-1]["result"] == {"remembered": False, "reason": "It is down."}
    replaced = sent(TurnStarted("t", "hi", "web.1", 7, "4"), LOADED, TextDelta("x"), TurnFinished("x"))
    assert "STATE_DELTA" in kinds(replaced)
    assert "STATE_DELTA" not in kinds(sent(STARTED, LOADED, TurnStopped("")))


def test_a_stopped_answer_is_cancelled():
    """Its text stays."""
    made = sent(STARTED, LOADED, TextDelta("x"), TurnStopped("x"))
    assert kinds(made)[-3:] == ["TEXT_MESSAGE_END", "STATE_DELTA", "RUN_FINISHED"]
    assert (made[-1]["outcome"], made[-1]["result"]) == ({"type": "cancelled"}, {"remembered": True})


def test_a_failed_answer_ends_with_an_error_alone():
    """What was open is ended first."""
    made = sent(STARTED, ReasoningDelta("a"), TurnFailed("model_stalled", "It broke off.", True))
    assert kinds(made)[-3:] == ["REASONING_MESSAGE_END", "REASONING_END", "RUN_ERROR"]
    assert made[-1]["message"] == "It broke off."
    assert made[-1]["code"] == "model_stalled"
    assert made[-1]["metadata"]["retryable"] is True
