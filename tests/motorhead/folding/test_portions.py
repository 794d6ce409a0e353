"""Gathering and splitting messages for the model."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from motorhead.folding.portions import first_batch, split
from motorhead.messages import Message

texts = st.lists(st.text(alphabet="ab \n", max_size=60), min_size=1, max_size=12)


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
