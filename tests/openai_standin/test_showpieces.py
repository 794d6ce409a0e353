"""Answers of a certain shape."""

from __future__ import annotations

import pytest

from openai_standin.showpieces import MOST_NUMBERS, MOST_WORDS, showpiece


def test_it_counts():
    """Counting goes from the first number to the last, within a bound."""
    assert showpiece("Please count to 5!") == "1, 2, 3, 4, 5."
    assert showpiece("count from 3 to 5") == "3, 4, 5."
    assert len((showpiece("count to 1000000000") or "").split()) == MOST_NUMBERS


def test_it_repeats():
    """What is to be repeated comes back unchanged, markup and all."""
    assert showpiece("repeat: <b>Hi</b>\n* x") == "<b>Hi</b>\n* x"


@pytest.mark.parametrize(
    ("text", "part"),
    [("show me markdown", "| ---"), ("show me some python code", "```python"), ("give me a list", "- a")],
)
def test_it_shows_formatted_text(text, part):
    """Markdown, code and lists can be seen."""
    assert part in (showpiece(text) or "")


def test_a_long_answer_has_the_wanted_length():
    """A long answer has as many words as asked for, within a bound, and names its topic."""
    assert len((showpiece("write 500 words about rivers") or "").split()) == 500
    assert len((showpiece("write 9999 words") or "").split()) == MOST_WORDS
    assert "the sea" in (showpiece("write a long answer about the sea") or "")


def test_other_texts_have_no_shape():
    """Everything else is answered from the prompt."""
    assert showpiece("whats my name?") is None
