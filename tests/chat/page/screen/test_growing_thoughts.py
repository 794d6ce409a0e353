"""Reasoning while it streams."""

from __future__ import annotations

from chat.page import fragments
from chat.page.bubbles import MOST_SHOWN
from chat.page.screen.growing_thoughts import GrowingThoughts


def test_each_piece_is_shown_once():
    """Pieces that came together are shown together, and nothing new has no swap."""
    thoughts = GrowingThoughts()
    assert thoughts.grown("t1") == []
    thoughts.add("H")
    thoughts.add("m")
    assert thoughts.grown("t1") == [fragments.thoughts("t1", "Hm")]
    assert thoughts.grown("t1") == []


def test_a_page_gets_a_bounded_part_of_the_reasoning():
    """What is behind the limit is not sent, and an ellipsis stands for it."""
    thoughts = GrowingThoughts()
    thoughts.add("x" * (MOST_SHOWN - 1))
    thoughts.add("yz")
    assert thoughts.grown("t1") == [fragments.thoughts("t1", "x" * (MOST_SHOWN - 1) + "y…")]
    thoughts.add("more")
    assert thoughts.grown("t1") == []


def test_a_model_that_thinks_again_has_thought_for_the_sum():
    """The time is that of all its reasoning."""
    thoughts = GrowingThoughts()
    thoughts.end(40)
    assert thoughts.grown("t1") == [fragments.thought_for("t1", 40)]
    thoughts.end(32)
    assert thoughts.grown("t1") == [fragments.thought_for("t1", 72)]
