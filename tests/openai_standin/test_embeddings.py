"""Embeddings are good enough to find the intended text."""

from __future__ import annotations

import pytest

from openai_standin.embeddings import embed

STATEMENTS = (
    "I live in Lisbon with my family",
    "my dog is called Rex",
    "my favourite colour is teal",
    "the trip to Madrid is on 12 June",
    "thanks, that is very kind",
    "we had pasta with mushrooms for dinner",
)


def nearness(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(embed(one), embed(other), strict=True))


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("where do I live?", 0), ("whats my dogs name", 1), ("What is my favorite color?", 2),
        ("what did I say about the trip?", 3), ("dinner", 5), ("did we eat mushroom", 5),
    ],
)  # fmt: skip
def test_the_nearest_statement_is_the_one_meant(question, nearest):
    """A question is nearer to the statement that answers it than to any other."""
    ranked = sorted(range(len(STATEMENTS)), key=lambda place: nearness(question, STATEMENTS[place]))
    assert ranked[-1] == nearest


@pytest.mark.parametrize("text", ["", "😀", "?", "the", "x" * 200_000])
def test_any_text_has_a_vector_of_length_one(text):
    """Empty, wordless and huge texts are embedded too."""
    assert nearness(text, text) == pytest.approx(1, abs=1e-5)
