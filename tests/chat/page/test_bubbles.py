"""Messages as the page draws them, and many of them in portions."""

from __future__ import annotations

import pytest

from chat.domain.messages import STOPPED_MARK, Message, Role
from chat.page.bubbles import MOST_SHOWN, bubble_of, bubbles_of, portions
from chat.page.markdown_work import PAGE_HTML
from tests.support.hostile_markdown import HOSTILE


def test_the_mark_of_a_stopped_reply_becomes_a_flag():
    """A user may write what looks like it."""
    stopped = bubble_of(Message(Role.AI, "so far" + STOPPED_MARK, "1"))
    assert (stopped.text, stopped.stopped) == ("so far", True)
    quoted = bubble_of(Message(Role.HUMAN, "so far" + STOPPED_MARK))
    assert (quoted.text, quoted.stopped) == ("so far" + STOPPED_MARK, False)


@pytest.mark.parametrize(("length", "more"), [(MOST_SHOWN, ""), (MOST_SHOWN + 1234, "1,234")])
def test_a_long_message_is_cut_and_says_by_how_much(length, more):
    """A page can only take so much."""
    bubble = bubble_of(Message(Role.AI, "x" * length))
    assert (len(bubble.text), bubble.more) == (MOST_SHOWN, more)


def test_a_reply_is_drawn_as_markdown():
    """Sanitised."""
    assert bubble_of(Message(Role.AI, "**a** <b>")).html == "<p><strong>a</strong> &lt;b&gt;</p>\n"
    assert bubble_of(Message(Role.HUMAN, "**a** <b>")).html is None


@pytest.mark.parametrize("role", Role)
def test_carriage_returns_are_in_the_source(role):
    """In text, a browser would read them as line feeds."""
    assert bubble_of(Message(role, '<a>\r\n"b"\r')).source == "&lt;a&gt;&#13;\n&quot;b&quot;&#13;"


def test_text_that_is_shown_exactly_has_no_other_source():
    """That of a user, and a reply that is too much Markdown."""
    assert bubble_of(Message(Role.HUMAN, "<a>\n")).source is None
    assert bubble_of(Message(Role.AI, "[" * MOST_SHOWN)).source is None
    assert bubble_of(Message(Role.AI, "**a**")).source == "**a**"


def test_a_reply_that_is_too_much_markdown_is_plain_text():
    """All that is shown of it."""
    bubble = bubble_of(Message(Role.AI, "[" * MOST_SHOWN + "more"))
    assert (bubble.html, bubble.text, bubble.more) == (None, "[" * MOST_SHOWN, "4")


def test_of_many_replies_the_newest_are_formatted():
    """What is too much in itself takes nothing from the others."""
    said = [
        Message(Role.AI, "1. a\n" * 5_000),
        *[Message(Role.AI, "1. a\n" * 3_000)] * 2,
        Message(Role.AI, "[" * 50_000),
    ]
    assert [bubble.html is not None for bubble in bubbles_of(said)] == [False, True, True, False]


def test_all_the_replies_of_a_page_together_are_bounded():
    """However each of them is made to be as large as it may be."""
    said = [Message(Role.AI, hostile(length)) for hostile in HOSTILE.values() for length in (2_000, 10_000, 50_000)]
    assert 0 < sum(len(bubble.html or "") for bubble in bubbles_of(said)) <= PAGE_HTML


@pytest.mark.parametrize(
    ("lengths", "stretches"),
    [
        ([], [0]),
        ([10, 10], [2]),
        ([MOST_SHOWN, 1], [1, 1]),
        ([MOST_SHOWN * 3, MOST_SHOWN * 3], [1, 1]),  # only so much of each is drawn
        ([MOST_SHOWN // 2] * 5, [2, 2, 1]),
    ],
)
def test_portions_hold_as_much_as_one_swap_takes(lengths, stretches):
    """In their order, none left out, and an empty one where nothing was said."""
    bubbles = bubbles_of([Message(Role.HUMAN, "x" * length) for length in lengths])
    found = list(portions(bubbles))
    assert [len(portion) for portion in found] == stretches
    assert [bubble for portion in found for bubble in portion] == bubbles
