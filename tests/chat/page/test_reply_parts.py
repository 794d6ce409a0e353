"""Parts of a reply that can be drawn, as its text arrives."""

from __future__ import annotations

import pytest

from chat.page.reply_parts import Blocks, Code, Division, Part, merged


def parts(*pieces: str) -> list[Part]:
    division = Division()
    return [part for piece in pieces for part in division.read(piece)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\nb\n\nc", [Blocks("a\nb\n\n")]),
        ("a\n\n b", []),
        ("# a\nb", [Blocks("# a\n")]),
        ("a\n- b\n", [Blocks("a\n")]),
        ("a\n2. b\n", []),  # the year of a sentence
        ("- a\n- b\n", [Blocks("- a\n")]),
        ("- a\n\n- b\n", [Blocks("- a\n\n", loose=True)]),
        ("- a\n\n* b\n", [Blocks("- a\n\n")]),
        ("- a\nb\n- c\n", []),  # perhaps a paragraph of the item, and perhaps not
        ("1. a\n   ```\n\n2. b\n", [Blocks("1. a\n   ```\n\n", loose=True)]),
        ("$$\na\n- b\n$$\n\nc", [Blocks("$$\na\n- b\n$$\n\n")]),
        ("$$\na\n$$\n- b\n", [Blocks("$$\na\n$$\n")]),
        ("a\n```\nb\n```\n", [Blocks("a\n"), Code("```\n", begins=True), Code("b\n", "b\n"), Code("```\n", ends=True)]),
        ("```py x\n", [Code("```py x\n", begins=True, info="py x")]),
        (" ~~~\n  b", [Code(" ~~~\n", begins=True), Code("  b", " b")]),
        ("- a\n```\n", [Blocks("- a\n"), Code("```\n", begins=True)]),
    ],
)
def test_a_part_ends_where_it_is_certain_that_a_block_ends(text, found):
    """Whatever comes next."""
    assert parts(text) == found


def test_the_beginning_of_a_line_is_enough_where_it_is_certain():
    """Digits and bullets need a few characters more."""
    assert parts("a\n\n", "b") == [Blocks("a\n\n")]
    assert parts("a\n\n", "1") == []
    assert parts("a\n\n", "1", "2 apples and more") == [Blocks("a\n\n")]


def test_what_may_still_become_a_fence_is_hidden():
    """Of the text in no part."""
    division = Division()
    for piece, hidden in [("a\n", 0), ("`", 1), ("``", 3), ("py", 5), ("`", 0), ("\n```\n", 0), ("b", 0), ("\n``", 2)]:
        list(division.read(piece))
        assert (division.hidden, division.rest.endswith("`")) == (hidden, piece in {"`", "``", "\n``"})


def test_neighbours_are_joined():
    """But not what begins other code."""
    found = merged(parts("a\n\nb\n\n```\nc\nd\n```\n```\ne\n"))
    assert found == [
        Blocks("a\n\nb\n\n"),
        Code("```\nc\nd\n```\n", "c\nd\n", begins=True, ends=True),
        Code("```\ne\n", "e\n", begins=True),
    ]
