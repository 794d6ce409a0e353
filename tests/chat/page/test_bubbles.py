"""Messages as the page draws them, and many of them in portions."""

from __future__ import annotations

import pytest

from chat.domain.messages import STOPPED_MARK, Message, Role
from chat.page.bubbles import MOST_SHOWN, Bubble, bubble_of, portions


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
    assert Bubble(None, is_reply=True, text="**a** <b>").html == "<p><strong>a</strong> &lt;b&gt;</p>\n"


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
    said = [Message(Role.HUMAN, "x" * length) for length in lengths]
    found = list(portions(said))
    assert [len(portion) for portion in found] == stretches
    assert [message for portion in found for message in portion] == said
