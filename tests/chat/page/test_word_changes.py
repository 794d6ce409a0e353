"""What has changed between two texts."""

from __future__ import annotations

import random
import time

import pytest

from chat.page.word_changes import Kind, Piece, changes, is_rewritten
from tests.support.servers import PATIENCE

SAME, ADDED, REMOVED = Kind.SAME, Kind.ADDED, Kind.REMOVED


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("a b c", "a b c", [Piece(SAME, "a b c")]),
        (
            "He likes tea.",
            "He likes coffee.",
            [Piece(SAME, "He likes "), Piece(REMOVED, "tea. "), Piece(ADDED, "coffee.")],
        ),
        ("", "All new.", [Piece(ADDED, "All new.")]),
        ("All gone.", "", [Piece(REMOVED, "All gone.")]),
        ('Bold. "He sails."', "Bold.", [Piece(SAME, "Bold."), Piece(REMOVED, ' "He sails."')]),
        ("Bold.", 'Bold. "He sails."', [Piece(SAME, "Bold. "), Piece(ADDED, '"He sails."')]),
        ("a b", "b a", [Piece(ADDED, "b "), Piece(SAME, "a"), Piece(REMOVED, " b")]),
        ("a  b", "a b\n", [Piece(SAME, "a b\n")]),
        (
            "彼は猫が好き",
            "彼は犬が好き",
            [Piece(SAME, "彼は"), Piece(REMOVED, "猫"), Piece(ADDED, "犬"), Piece(SAME, "が好き")],
        ),
        ("", "", []),
    ],
)
def test_changes_are_found_word_by_word(old, new, pieces):
    """Differences of blanks are none, words never run together, and where there are no blanks, characters are words."""
    assert changes(old, new) == pieces


@pytest.mark.parametrize("seed", range(20))
def test_both_texts_can_be_read_from_the_pieces(seed):
    """What is not removed is the new text, exactly; what is not added has the words of the old one."""
    source = random.Random(seed)
    old, new = ("".join(source.choice("ab. \n日") for _ in range(source.randrange(200))) for _ in range(2))
    found = changes(old, new)
    assert "".join(piece.text for piece in found if piece.kind is not REMOVED) == new
    assert "".join("".join(piece.text for piece in found if piece.kind is not ADDED).split()) == "".join(old.split())


@pytest.mark.parametrize("word", ["a ", "a. ", "日", "\n", " "])
def test_the_work_is_bounded(word):
    """Texts of the same word again and again are compared by sentences, or not at all."""
    began = time.monotonic()
    found = changes(word * 10_000 + "x", "y" + word * 10_000)
    assert "".join(piece.text for piece in found if piece.kind is not REMOVED) == "y" + word * 10_000
    assert time.monotonic() - began < 2 * PATIENCE


def test_the_work_is_bounded_where_every_other_word_is_new():
    """Where each word in common is a match of its own, too many words are not compared one by one."""
    old = " ".join(map(str, range(20_000)))
    new = " ".join(f"{number} a" for number in range(20_000))
    began = time.monotonic()
    assert [piece.kind for piece in changes(old, new)] == [REMOVED, ADDED]
    assert time.monotonic() - began < 2 * PATIENCE


def test_texts_with_little_in_common_are_rewritten():
    """One changed word is a change; another text is not."""
    assert not is_rewritten(changes("He likes black tea.", "He likes green tea."))
    assert is_rewritten(changes("He likes tea.", "Nothing is known of her, but she sails."))
    assert is_rewritten(changes("", "a"))
    assert not is_rewritten([])
