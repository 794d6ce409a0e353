"""Gathering and splitting messages for the model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motorhead.folding.portions import MOST_MESSAGES, first_batch, split
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
    assert all(sum(len(line) for line in portion) <= budget for portion in batch.portions)


@settings(deadline=None)
@given(st.text(alphabet="xyz ", min_size=1, max_size=500), st.integers(min_value=12, max_value=80))
def test_the_parts_of_a_split_line_are_the_line(text: str, budget: int) -> None:
    """Nothing is lost between the parts, each fits, and each names the speaker."""
    parts = split(f"Human: {text}", budget)
    assert "".join(part.removeprefix("Human: ") for part in parts) == text
    assert all(len(part) <= budget for part in parts)
