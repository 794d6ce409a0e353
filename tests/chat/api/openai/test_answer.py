"""A turn's events as completions."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chat.api.openai.answer import AnswerChunks, Count, Heading, completion
from chat.domain.events import (
    Event,
    MemoryLoaded,
    ReasoningDelta,
    ReasoningEnded,
    TextDelta,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)

HEADING = Heading("s", "t", "small", 1)
TURN: list[Event] = [
    TurnStarted("t", "hi", "web.1", 1), MemoryLoaded(None, 0, tokens={"system": 4, "message": 3}),
    ReasoningDelta("Hm"), ReasoningEnded(1.0), TextDelta("Hello, "), TextDelta("Bob."), TurnFinished("Hello, Bob."),
]  # fmt: skip


def chunks_of(events: list[Event], *, usage: bool = False) -> list[dict[str, Any]]:
    """The chunks of a stream, as JSON."""
    chunks = AnswerChunks(HEADING, usage)
    made = [chunks.opening(), *(chunk for event in events for chunk in chunks.chunks(event))]
    return [msgspec.to_builtins(chunk) for chunk in made]


def test_a_stream_has_the_shape_of_openais():
    """The role comes first, then reasoning and text apart, then the reason for the end."""
    made = chunks_of(TURN)
    assert [chunk["choices"][0]["delta"] for chunk in made] == [
        {"role": "assistant", "content": ""}, {"reasoning_content": "Hm"}, {"content": "Hello, "}, {"content": "Bob."},
        {},
    ]  # fmt: skip
    assert [chunk["choices"][0]["finish_reason"] for chunk in made] == [None, None, None, None, "stop"]
    assert {(chunk["id"], chunk["object"], chunk["model"]) for chunk in made} == {
        ("chatcmpl-t", "chat.completion.chunk", "small")
    }
    assert not any("usage" in chunk for chunk in made)


def test_usage_comes_in_a_chunk_of_its_own():
    """All others say null, as OpenAI's do."""
    *others, last = chunks_of(TURN, usage=True)
    assert {chunk["usage"] for chunk in others} == {None}
    assert (last["choices"], last["usage"]["prompt_tokens"], last["usage"]["total_tokens"]) == ([], 7, 12)
    assert last["usage"]["completion_tokens_details"] == {"reasoning_tokens": 1}


def test_a_whole_answer():
    """The reply, with reasoning beside it and where it is remembered."""
    count = Count()
    for event in TURN:
        count.add(event)
    made = msgspec.to_builtins(completion(HEADING, TurnFinished("Hello, Bob."), "Hm", count.usage))
    assert made["choices"][0]["message"] == {
        "content": "Hello, Bob.", "role": "assistant", "refusal": None, "reasoning_content": "Hm",
    }  # fmt: skip
    assert made["memory"] == {"session": "s", "turn": "t", "remembered": True}
    assert made["usage"]["completion_tokens"] == 5


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (TurnFinished("Hi", cut="length"), "length"),
        (TurnFinished("Hi", cut="content_filter"), "content_filter"),
        (TurnStopped("Hi"), "stop"),
    ],
)
def test_the_reason_for_the_end(last: Any, reason: str):
    """What cut an answer short has OpenAI's name."""
    assert chunks_of([last])[-1]["choices"][0]["finish_reason"] == reason


def test_an_answer_that_is_not_remembered_says_so():
    """The last chunk has the sentence."""
    last = chunks_of([TurnFinished("Hi", remembered=False, reason="Memory is unreachable.")])[-1]
    assert last["memory"] == {"session": "s", "turn": "t", "remembered": False, "reason": "Memory is unreachable."}
