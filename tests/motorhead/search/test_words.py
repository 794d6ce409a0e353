"""Which texts contain words, and where."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from motorhead.search.words import EXCERPT, OVERLAP, PIECE, Words


def marked(query: str, text: str) -> list[str]:
    """The marked parts of the excerpt."""
    excerpt = Words(query).excerpt(text)
    return [excerpt.text[first:last] for first, last in excerpt.marks]


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("bob", "hi im Bob", True),
        ("BOB hi", "hi im Bob", True),
        ("bob ann", "hi im Bob", False),
        ("trip", "our roundtrips", True),
        ("strasse", "Die Straße", True),
        ("STRASSE", "die straße", True),
        ("caf\u00e9", "cafe\u0301 au lait", True),
        ("cafe\u0301", "caf\u00e9 au lait", True),
        ("東京", "私は東京に住んでいます", True),
        ("i", "İstanbul", True),
        (r"a.c [x", "abc [x", False),
        (r"a.c [x", "A.C [X]", True),
    ],
)
def test_a_text_contains_all_words(query: str, text: str, found: bool):
    """Whatever their order, case, accents' encoding or script; nothing in a word is a pattern."""
    assert Words(query).in_all(text) is found


def test_words_are_counted_once():
    """Repeated words are one; blanks are none."""
    assert len(Words(" a  A b ")) == 2
    assert not Words(" \n ")


def test_all_words_are_marked_as_written():
    """Marks are those of the shown text, also where folding makes characters longer."""
    assert marked("strasse nr", "Die Straße: STRASSE Nr. 5") == ["Straße", "STRASSE", "Nr"]
    assert marked("im in", "İim in") == ["im", "in"]


def test_an_excerpt_is_one_line_around_the_first_word():
    """It begins with a whole word, and says where it is cut."""
    text = "word " * 100 + "\n\nneedle\t in " + "hay " * 100
    excerpt = Words("needle").excerpt(text)
    assert excerpt.text.startswith("… word word")
    assert "word needle in hay" in excerpt.text
    assert excerpt.text.endswith(" …")
    assert len(excerpt.text) <= EXCERPT + 4
    short = Words("needle").excerpt("a needle")
    assert (short.text, short.marks) == ("a needle", [(2, 8)])


@pytest.mark.parametrize("before", [0, PIECE - 3, PIECE, PIECE + OVERLAP - 3, 3 * PIECE])
def test_a_word_is_found_wherever_it_is_in_a_long_text(before: int):
    """Also across the pieces that are looked at one after the other."""
    excerpt = Words("needle").excerpt("x" * before + " needle " + "y" * 9000)
    assert [excerpt.text[first:last] for first, last in excerpt.marks] == ["needle"]


@settings(deadline=None)
@given(st.text(max_size=300), st.text(min_size=1, max_size=10))
def test_marks_are_where_the_words_are(text: str, query: str):
    """Every mark of any text is one of the words, after folding."""
    words = Words(query)
    if not words or not words.in_all(text):
        return
    excerpt = words.excerpt(text)
    folded = {word.casefold() for word in unicodedata.normalize("NFC", query).casefold().split()}
    for first, last in excerpt.marks:
        assert 0 <= first < last <= len(excerpt.text)
        part = "".join(character.casefold() for character in excerpt.text[first:last])
        assert any(word in part for word in folded)
