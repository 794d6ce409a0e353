"""Work that is counted before it is done."""

from __future__ import annotations

import pytest

from chat.page.markdown_work import (
    MESSAGE_WORK,
    PAGE_WORK,
    Allowance,
    TooMuchMarkdown,
    block_work,
    cells,
    formula_work,
    inline_work,
    most_work,
)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["a", "b"], 0),
        (["|a|b|", "|-|:---:|"], 2),
        (["a|b", "-|-", "x", "y", "", "z"], 6),  # a blank line ends it
        (["> a|b", "> :-|-:", "> x", ">", "> z"], 4),
        (["- a|b", "  -|-", "  x"], 4),
        (["- |a|b|", "  |-|-|", "  x"], 4),
        (["a|b", "-|-", "x", "c|d|e", "-|-|-", "y"], 2 + 2 + 2 + 3 + 3),
        (["a - b | c", "---"], 0),
    ],
)
def test_each_row_counts_for_as_many_cells_as_the_head_has(lines, count):
    """Whatever stands in it, and wherever the table is."""
    assert cells(lines) == count


def test_lines_and_their_markers_count():
    """A list in a list is more work than a list."""
    assert block_work("a") < block_work("- a") < block_work("- - a") < block_work("- - a\n- - a")
    assert block_work("1. a\r1. a\r") >= block_work("1. a\n1. a")
    assert block_work("-a") == block_work("aa")


def test_a_bracket_counts_for_all_the_text_in_which_its_other_one_may_be():
    """Unless that comes at once."""
    assert inline_work(["[" * 2_000]) > 3 * inline_work(["[" * 1_000])
    assert inline_work(["[a](b) " * 2_000]) < 2.1 * inline_work(["[a](b) " * 1_000])
    assert inline_work(["[" * 1_000] * 2) < 2.1 * inline_work(["[" * 1_000])


def test_most_is_at_least_what_the_parts_are():
    """It is known without a look at them."""
    parts = ["[a `b] c", "*d* [e", "f] [g](h)", "$a$ $b$"]
    text = "\n\n".join(parts)
    assert most_work(text) >= block_work(text) + inline_work(parts) + 2 * formula_work("a")


def test_what_is_not_left_is_not_spent():
    """A smaller thing may still be had."""
    allowance = Allowance(work=100, html=10)
    with pytest.raises(TooMuchMarkdown):
        allowance.spend(work=101)
    with pytest.raises(TooMuchMarkdown):
        allowance.spend(html=11)
    allowance.spend(work=100, html=10)
    with pytest.raises(TooMuchMarkdown):
        allowance.spend(work=1)


def test_the_messages_of_a_page_share_what_it_has():
    """Each has at most its own part."""
    page = Allowance.of_page()
    with pytest.raises(TooMuchMarkdown):
        page.of_message().spend(work=MESSAGE_WORK + 1)
    page.of_message().spend(work=MESSAGE_WORK)
    with pytest.raises(TooMuchMarkdown):
        page.of_message().spend(work=MESSAGE_WORK)
    page.of_message().spend(work=PAGE_WORK - MESSAGE_WORK)
    with pytest.raises(TooMuchMarkdown):
        page.of_message().spend(work=1)
