"""Words and their plain forms."""

from __future__ import annotations

import pytest

from openai_standin.vocabulary import content_words, plain_words, written_out


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("im bob, whats my name", "I am bob, what is my name"),
        ("I’ve a cat; it's Tom's", "I have a cat; it is Tom's"),
        ("he isn't here, I can't say", "he is not here, I can not say"),
        ("I want its colour", "I want its colour"),
    ],
)
def test_contractions_are_written_out(text, full):
    """With and without apostrophes; other words stay unchanged."""
    assert written_out(text) == full


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("my favorite colors", "my favourite colour"),
        ("moms jobs", "Mother’s work"),
        ("where did I travel?", "my trips, our holidays"),
        ("What is it called?", "the name"),
    ],
)
def test_words_that_mean_the_same_have_one_stem(one, other):
    """For any spelling, ending or synonym; words without meaning are removed."""
    assert set(content_words(one)) == set(content_words(other))


def test_plain_words_have_neither_case_nor_possessives():
    """This is the form in which questions are compared with patterns."""
    assert plain_words("WHAT’S Bob’s dog's name?!") == ["what", "is", "bob", "dog", "name"]
