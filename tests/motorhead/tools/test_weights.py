"""The weights of messages that a check has read."""

from __future__ import annotations

from motorhead.messages import Message, weigh
from motorhead.tools.weights import Weights


def weights_of(*numbers: int, unreadable: int = 0) -> Weights:
    """Of messages with these numbers, each of the weight of "hi"; the ``unreadable`` one is damaged."""
    weights = Weights()
    for number in numbers:
        weights.read(number, None if number == unreadable else Message("Human", "hi", str(number), 1))
    return weights


def test_messages_behind_the_watermark_are_weighed() -> None:
    """Withdrawn and unreadable ones weigh nothing."""
    weights = weights_of(1, 2, 3, 5, 6, unreadable=5)
    assert weights.behind(0, ()) == 4 * weigh("hi")
    assert weights.behind(2, {6}) == weigh("hi")


def test_messages_that_came_in_meanwhile_are_noticed() -> None:
    """The newest numbers without a message are none of them."""
    assert weights_of(1, 2).reach(2, ())
    assert weights_of(1, 2).reach(4, {3, 4, 9})
    assert not weights_of(1, 2).reach(4, {2, 3})
    assert not weights_of(1, 2, unreadable=2).reach(3, ())
    assert weights_of().reach(0, ())
