"""Events as log entries."""

from __future__ import annotations

import json

import pytest

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
    decode,
    encode,
)


@pytest.mark.parametrize(
    "event",
    [
        TurnStarted("t1", "grüß 日本 \u0000", "web.1", 42),
        MemoryLoaded(None, 0),
        MemoryLoaded("sum", 4, 2, ("a", "b"), tokens={"system": 9, "window": 40}, budget=4000),
        ReasoningDelta("Hm."),
        ReasoningEnded(1.5),
        TextDelta("\n"),
        TurnFinished("all", remembered=False, reason="why", epoch="e"),
        TurnFinished("half", cut="length"),
        TurnStopped(""),
        TurnFailed("code", "why", retryable=True, reply="so far"),
        TurnFailed("code", "why", retryable=True, retry_after=30),
    ],
)
def test_what_was_written_is_what_is_read(event: Event) -> None:
    """Every event except `Restarted`, which is never written, survives a round trip."""
    assert decode(encode(event)) == event


def test_an_entry_of_before_answers_could_be_cut_short_is_read_as_a_whole_answer() -> None:
    """A worker can read log entries written by an older version."""
    entry = b'["finished",{"reply":"all","remembered":true,"reason":null,"epoch":"e"}]'
    assert decode(entry) == TurnFinished("all", epoch="e")


def test_fields_of_a_later_version_are_left_out() -> None:
    """While workers of two versions run side by side, the earlier one replays the turns of the other."""
    entry = b'["failed",{"code":"code","reason":"why","retryable":true,"reply":"","later":1}]'
    assert decode(entry) == TurnFailed("code", "why", retryable=True)


def test_a_failure_is_written_so_that_earlier_versions_can_read_it() -> None:
    """While workers of two versions run side by side, the earlier one replays the failures of the other."""
    fields = json.loads(encode(TurnFailed("code", "why", retryable=True)))[1]
    assert fields == {"code": "code", "reason": "why", "retryable": True, "reply": ""}
