"""Answers of a requested form."""

from __future__ import annotations

import pytest

from openai_standin.showpieces import MOST_NUMBERS, MOST_WORDS, showpiece


def test_it_counts():
    """It counts from the first number to the last, up to a limit."""
    assert showpiece("Please count to 5!") == "1, 2, 3, 4, 5."
    assert showpiece("count from 3 to 5") == "3, 4, 5."
    assert len((showpiece("count to 1000000000") or "").split()) == MOST_NUMBERS


def test_it_repeats():
    """Text to repeat comes back unchanged, including markup."""
    assert showpiece("repeat: <b>Hi</b>\n* x") == "<b>Hi</b>\n* x"


@pytest.mark.parametrize(
    ("text", "part"),
    [("show me markdown", "| ---"), ("show me some python code", "```python"), ("give me a list", "- a")],
)
def test_it_shows_formatted_text(text, part):
    """A request for Markdown, code or a list gets all of them."""
    assert part in (showpiece(text) or "")


@pytest.mark.parametrize("text", ["think aloud", "Please think first!", "think step by step about rivers"])
def test_it_thinks(text):
    """A request to think gets an answer that begins with a block of reasoning."""
    thoughts, _, answer = (showpiece(text) or "").partition("</think>")
    assert thoughts.startswith("<think>")
    assert answer.strip()


def test_a_long_answer_has_the_requested_length():
    """A long answer has the requested number of words, up to a limit, and names its topic."""
    assert len((showpiece("write 500 words about rivers") or "").split()) == 500
    assert len((showpiece("write 9999 words") or "").split()) == MOST_WORDS
    assert "the sea" in (showpiece("write a long answer about the sea") or "")


def test_other_texts_request_no_form():
    """Everything else is answered from the prompt."""
    assert showpiece("whats my name?") is None
    assert showpiece("what do you think of my dog?") is None
