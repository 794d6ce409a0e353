"""The events for the pieces of a reply."""

from __future__ import annotations

from chat.domain.events import Delta, ReasoningDelta, ReasoningEnded, TextDelta
from chat.domain.messages import Reasoning
from chat.turns.deltas import Deltas


def events(*pieces: str | Reasoning) -> list[Delta]:
    """The events, with a clock that shows ten seconds more each time."""
    deltas = Deltas(iter(range(0, 1000, 10)).__next__)
    return [event for piece in pieces for event in deltas.of(piece)]


def test_text_ends_the_reasoning_before_it() -> None:
    """The end of the reasoning comes before the text, with the seconds since its first piece."""
    assert events(Reasoning("H"), Reasoning("m"), "Hi", " Bob") == [
        ReasoningDelta("H"),
        ReasoningDelta("m"),
        ReasoningEnded(10),
        TextDelta("Hi"),
        TextDelta(" Bob"),
    ]


def test_a_reply_without_reasoning_is_text_alone() -> None:
    """A model that does not think has no end of its reasoning."""
    assert events("Hi", " Bob") == [TextDelta("Hi"), TextDelta(" Bob")]


def test_reasoning_may_go_on_behind_text() -> None:
    """Reasoning between two texts ends twice."""
    kinds = [type(event) for event in events(Reasoning("1"), "2", Reasoning("3"), "4")]
    assert kinds == [ReasoningDelta, ReasoningEnded, TextDelta, ReasoningDelta, ReasoningEnded, TextDelta]


def test_half_characters_are_replaced() -> None:
    """Half a character, which JSON may contain, is replaced in text and reasoning alike."""
    assert events("a\ud83d", Reasoning("b\ud83d")) == [TextDelta("a?"), ReasoningDelta("b?")]
