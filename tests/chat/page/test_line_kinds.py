"""Kinds of lines."""

from __future__ import annotations

import pytest

from chat.page.line_kinds import (
    Fence,
    Item,
    ends_list,
    fence_of,
    formula_end,
    indent_of,
    is_in_block,
    is_whole_block,
    item_of,
    may_be_fence,
)


@pytest.mark.parametrize(
    ("line", "fence"),
    [
        ("```\n", Fence("```", 0)),
        ("  ~~~~ py `x`\r\n", Fence("~~~~", 2, " py `x`")),
        ("```inline``` code\n", None),
        ("    ```\n", None),
        ("``\n", None),
    ],
)
def test_a_fence_has_no_code_on_its_line(line, fence):
    """Unless it is of tildes."""
    assert fence_of(line) == fence


@pytest.mark.parametrize(
    ("line", "closes"),
    [
        ("```\n", True),
        ("  `````  \r\n", True),
        ("``\n", False),
        ("``` x\n", False),
        ("~~~\n", False),
        ("    ```", False),
    ],
)
def test_a_fence_is_closed_by_one_that_is_as_long(line, closes):
    """Of the same characters, with nothing behind them."""
    assert Fence("```", 0).is_closed_by(line) is closes
    assert Fence("```", 0).may_be_closed_by(line[:2]) or not closes


def test_code_loses_the_indentation_of_its_fence():
    """No more than that."""
    assert [Fence("```", 2).unindented(line) for line in ("a", " a", "  a", "   a")] == ["a", "a", "a", " a"]


@pytest.mark.parametrize("begun", ["`", "  ``", "```", "```py", "~~~ a `b"])
def test_what_may_become_a_fence(begun):
    """Until there is a backtick too many."""
    assert may_be_fence(begun)
    assert not may_be_fence(f"x{begun}")
    assert not may_be_fence("```a`")


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("- a\n", Item("-", 2, interrupts=True, is_empty=False)),
        ("1. a\n", Item(".", 3, interrupts=True, is_empty=False)),
        (" 12)  a\n", Item(")", 6, interrupts=False, is_empty=False)),
        ("*      code\n", Item("*", 2, interrupts=True, is_empty=False)),
        ("-\n", Item("-", 2, interrupts=False, is_empty=True)),
        ("* * *\n", None),
        ("-a\n", None),
        ("1.5 litres\n", None),
    ],
)
def test_an_item_says_how_far_its_text_is_indented(line, item):
    """And a rule is not an item."""
    assert item_of(line) == item


def test_a_tab_is_as_wide_as_code_needs():
    """With or without blanks before it."""
    assert [indent_of(line) for line in ("a", "  a", "\ta", " \ta")] == [0, 2, 4, 5]


@pytest.mark.parametrize("line", ["# a\n", "---\n", "* * *\n", "$$ a $$\n", "\\[a\\]\n"])
def test_some_lines_are_blocks_of_their_own(line):
    """They need no blank line after them."""
    assert is_whole_block(line)
    assert not is_whole_block(f"a {line}")


def test_some_lines_cannot_go_on_with_a_paragraph():
    """A quotation and code."""
    assert [ends_list(line) for line in ("> a\n", "```\n", "a\n")] == [True, True, False]


@pytest.mark.parametrize(
    ("line", "end"), [("$$\n", "$$"), (" \\[ a\n", "\\]"), ("$$ a $$\n", ""), ("$$ a $$ b\n", ""), ("$a\n", "")]
)
def test_a_formula_goes_on_until_its_end(line, end):
    """If that is not on its first line."""
    assert formula_end(line) == end


@pytest.mark.parametrize(
    ("line", "is_inside"),
    [("- a\n", True), ("12) a\n", True), ("> a\n", True), ("a\n", False), ("    - a\n", False)],
)
def test_lists_and_quotations_have_lines_in_them(line, is_inside):
    """Others are of the text itself."""
    assert is_in_block(line) is is_inside
