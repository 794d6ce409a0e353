"""A turn that is being answered."""

from __future__ import annotations

from chat.domain.events import TurnStarted
from chat.page import fragments
from chat.page.markdown import render_markdown
from chat.page.screen.growing_turn import GrowingTurn


def test_pieces_that_came_together_are_shown_together_and_once():
    """Nothing new, nothing to show."""
    turn = GrowingTurn(TurnStarted("t1", "hi", "web.1", 1))
    assert turn.grown() == []
    turn.add("Hel")
    turn.add("lo")
    assert turn.grown() == fragments.text("t1", "", "Hello", "Hello")
    assert turn.grown() == []


def test_a_block_that_is_complete_becomes_html():
    """What may still grow stays plain."""
    turn = GrowingTurn(TurnStarted("t1", "hi", "web.1", 1))
    turn.add("**one**\n\ntwo")
    assert turn.grown() == fragments.text("t1", render_markdown("**one**\n\n"), "two", "**one**\n\ntwo")
