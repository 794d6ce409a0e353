"""Bars of several segments."""

from __future__ import annotations

import pytest

from chat.domain.messages import Memory, Message, Window
from chat.domain.prompts import PartKind, PromptRecord, SentPrompt, TurnEnd
from chat.page.bars import LEAST, WHOLE, in_short, next_prompt_bar, prompt_bar, time_bar

SENT = SentPrompt((), 4000, 0, 1, 1, "gpt", "web.1", 42, "here", 0.1, 0.2)


def test_a_prompt_is_shown_against_its_budget() -> None:
    """The kinds come in the order in which they are sent, side by side; what is left of the budget stays empty."""
    bar = prompt_bar({"message": 100, "system": 400, "window": 1500}, 4000)
    assert bar.amount == "2,000 of 4,000"
    assert [(part.kind, part.amount, part.begin, part.width) for part in bar.segments] == [
        ("system", "400", 0, 108),
        ("window", "1,500", 108, 373),
        ("message", "100", 481, 36),
    ]


def test_the_next_prompt_is_known_before_its_message() -> None:
    """What stands in the memory is weighed like a turn's prompt; the message that is still to come is no part."""
    memory = Memory((Message("Human", "x" * 30),), "y" * 60, 0, Window(size=12))
    bar = next_prompt_bar(memory, system="z" * 90, budget=1000)
    assert [(segment.kind, segment.amount) for segment in bar.segments] == [
        ("system", "38"), ("summary", "28"), ("window", "18"),
    ]  # fmt: skip
    assert bar.amount == "84 of 1,000"
    assert "next prompt" in bar.label


def test_a_prompt_beyond_its_budget_fills_the_bar() -> None:
    """Instructions, summary and message are never cut."""
    bar = prompt_bar({"system": 3000, "message": 3000}, 4000)
    assert [part.width for part in bar.segments] == [WHOLE // 2, WHOLE // 2]
    assert prompt_bar({"system": 9}, 0).amount == "9"
    assert prompt_bar({}, 0).segments == ()


def test_a_small_part_is_seen() -> None:
    """However little it is, it has a width, and the others have room beside it."""
    first, second = prompt_bar({"system": 1, "window": 100_000}, 100_000).segments
    assert (first.width, second.begin) == (LEAST, LEAST)
    assert second.begin + second.width <= WHOLE


def test_every_kind_of_part_explains_itself() -> None:
    """It has a name and a sentence."""
    bar = prompt_bar(dict.fromkeys(PartKind, 10), 50)
    assert len({part.label for part in bar.segments}) == len({part.sentence for part in bar.segments}) == len(PartKind)


def test_a_turn_is_shown_by_the_time_of_its_steps() -> None:
    """Each step from the end of the one before; together they are the whole turn."""
    bar = time_bar(PromptRecord(SENT, TurnEnd("web.1", 42, "here", 0.5, 1.9, 2.0)))
    assert bar.amount == "2.00 s"
    assert [(step.kind, step.amount, step.begin) for step in bar.segments] == [
        ("load", "100 ms", 0),
        ("prepare", "100 ms", 59),
        ("wait", "300 ms", 118),
        ("write", "1.40 s", 271),
        ("append", "100 ms", 941),
    ]


@pytest.mark.parametrize("end", [None, TurnEnd("web.1", 42, "here")])
def test_steps_that_were_not_taken_are_left_out(end: TurnEnd | None) -> None:
    """A turn in progress, and one whose model said nothing."""
    assert [step.kind for step in time_bar(PromptRecord(SENT, end)).segments] == ["load", "prepare"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (-0.0001, "0 ms"), (0.0124, "12 ms"), (1.254, "1.25 s"), (12.34, "12.3 s"), (125, "2 min 5 s")],
)
def test_a_duration_is_short(seconds: float, words: str) -> None:
    """Three digits or so."""
    assert in_short(seconds) == words
