"""Gathering and splitting messages for the model."""

from __future__ import annotations

from itertools import cycle

import pytest
from hypothesis import given, settings, strategies as st

from motorhead.exceptions import SummaryCut, TextRefused, TextTooLarge
from motorhead.folding.portions import (
    MOST_MESSAGES,
    SMALLEST_BATCH,
    SUMMARIES_UNTIL_MORE,
    Budget,
    Capacity,
    first_batch,
    next_part,
)
from motorhead.messages import Message

texts = st.lists(st.text(alphabet="ab \n", max_size=60), min_size=1, max_size=12)


def said(roles: str, content: str = "") -> list[Message]:
    """Messages with this content, of the roles Human (h) and AI (a)."""
    return [Message({"h": "Human", "a": "AI"}[role], content, str(n + 1), 0) for n, role in enumerate(roles)]


@pytest.mark.parametrize(
    ("roles", "budget", "taken"),
    [("haha", 80, 4), ("haha", 60, 2), ("haha", 45, 2), ("haha", 25, 1), ("haaah", 60, 3), ("aaaa", 50, 3)],
)  # fmt: skip
def test_a_batch_ends_before_a_question(roles: str, budget: int, taken: int) -> None:
    """An answer is in the batch of its question, unless both together exceed the budget."""
    assert len(first_batch(said(roles, "x" * 10), budget).messages) == taken


def test_a_batch_has_a_bounded_number_of_messages() -> None:
    """Even then it ends before a question."""
    assert len(first_batch(said("ha" * MOST_MESSAGES), 1_000_000).messages) == MOST_MESSAGES
    assert len(first_batch(said("h" + "ha" * MOST_MESSAGES), 1_000_000).messages) == MOST_MESSAGES - 1


@settings(deadline=None)
@given(texts, st.integers(min_value=20, max_value=200))
def test_a_batch_is_a_beginning_that_fits(contents: list[str], budget: int) -> None:
    """A batch takes whole messages from the oldest on: as many as fit, and at least one."""
    messages = [Message("Human", content, str(n + 1), 0) for n, content in enumerate(contents)]
    batch = first_batch(messages, budget)
    assert 1 <= len(batch.messages) <= len(messages)
    assert list(batch.messages) == messages[: len(batch.messages)]
    assert len("\n".join(batch.lines)) == batch.size
    assert batch.size <= budget or len(batch.messages) == 1


@settings(deadline=None)
@given(st.text(alphabet="xyz ", min_size=1, max_size=500), st.lists(st.integers(12, 80), min_size=1))
def test_the_parts_of_a_line_are_the_line(text: str, budgets: list[int]) -> None:
    """Nothing is lost between the parts, each fits, and each names the speaker, even if the budget changes."""
    line, done, parts = f"Human: {text}", 0, []
    for budget in cycle(budgets):
        if done >= len(line):
            break
        part, done = next_part(line, done, budget)
        assert len(part) <= budget
        parts.append(part)
    assert done == len(line)
    assert "".join(part.removeprefix("Human: ") for part in parts) == text


def test_a_part_ends_at_a_space_where_one_is_near() -> None:
    """A word is split only if it fills half of a part."""
    assert next_part("AI: some words here", 0, 16) == ("AI: some words", 14)
    assert next_part("AI: some words here", 14, 16) == ("AI:  here", 19)
    assert next_part("AI: " + "x" * 20, 0, 14) == ("AI: " + "x" * 10, 14)


def test_half_a_budget_is_half_of_what_was_refused() -> None:
    """Only an exceeded context lowers it for other sessions, too; too little is no budget at all."""
    exceeded, refused, cut = TextTooLarge("Too much."), TextRefused("No."), SummaryCut("Cut.")
    assert Budget(12_000).half(20_000, exceeded) == Budget(6_000, lowered=6_000)
    assert Budget(12_000).half(2_000, refused) == Budget(12_000).half(2_000, cut) == Budget(1_000)
    assert Budget(6_000, lowered=6_000).half(6_000, exceeded) == Budget(3_000, lowered=3_000)
    assert Budget(6_000, lowered=6_000).half(6_000, cut) == Budget(3_000, lowered=6_000)
    with pytest.raises(TextRefused):
        Budget(12_000).half(799, refused)


def test_what_the_model_took_is_remembered() -> None:
    """Once the context was exceeded, later budgets are what was left then, together with the summary."""
    capacity = Capacity(12_000)
    capacity.took("x" * 1_000, Budget(3_000))
    assert capacity.beside(None) == Budget(12_000)
    capacity.took("x" * 1_000, Budget(2_000, lowered=3_000))
    assert capacity.beside(None) == Budget(4_000)
    assert capacity.beside("x" * 1_500) == Budget(2_500)
    assert capacity.beside("x" * 5_000) == Budget(SMALLEST_BATCH)
    capacity.took(None, Budget(6_000, lowered=6_000))
    assert capacity.beside(None) == Budget(4_000)


def test_a_size_once_lowered_recovers_with_the_summaries() -> None:
    """It doubles after enough summaries, up to what is configured, and another exceeded context lowers it again."""
    capacity = Capacity(12_000)
    capacity.took(None, Budget(4_000, lowered=4_000))
    for size in (4_000, 8_000, 12_000):
        assert capacity.beside(None) == Budget(size)
        for _ in range(SUMMARIES_UNTIL_MORE - 1):
            capacity.took(None, Budget(size))
        assert capacity.beside(None) == Budget(size)
        capacity.took(None, Budget(size))
    assert capacity.beside("x" * 9_000) == Budget(12_000)
    capacity.took(None, Budget(3_000, lowered=3_000))
    assert capacity.beside(None) == Budget(3_000)
