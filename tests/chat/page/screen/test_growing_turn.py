"""A turn that is being answered."""

from __future__ import annotations

from chat.domain.events import ReasoningDelta, ReasoningEnded, TextDelta, TurnStarted
from chat.page import fragments
from chat.page.growing_reply import Growth
from chat.page.markdown import render_markdown
from chat.page.screen.growing_turn import GrowingTurn


async def test_pieces_that_came_together_are_shown_together_and_once():
    """Nothing new, nothing to show."""
    turn = GrowingTurn(TurnStarted("t1", "hi", "web.1", 1))
    assert await turn.grown() == []
    turn.add(TextDelta("Hel"))
    turn.add(TextDelta("lo"))
    assert await turn.grown() == fragments.text("t1", Growth(tail="Hello"))
    assert await turn.grown() == []


async def test_a_block_that_is_complete_becomes_html():
    """What may still grow stays plain."""
    turn = GrowingTurn(TurnStarted("t1", "hi", "web.1", 1))
    turn.add(TextDelta("**one**\n\ntwo"))
    assert await turn.grown() == fragments.text(
        "t1", Growth(blocks=render_markdown("**one**"), tail="two", replaces=True)
    )


async def test_a_reply_that_is_too_much_markdown_goes_on_as_plain_text():
    """What was formatted stays; the rest is added to the tail, all of it."""
    turn = GrowingTurn(TurnStarted("t1", "hi", "web.1", 1))
    turn.add(TextDelta("**one**\n\ntwo\n\n"))
    assert "<strong>one</strong>" in (await turn.grown())[0]
    for added in ("[" * 50_000 + "\n\nthree", "\n\nfour\n\nfive"):
        turn.add(TextDelta(added))
        (swap,) = await turn.grown()
        assert added in swap


async def test_reasoning_is_shown_before_the_text_that_ends_it():
    """Reasoning and its end come first, and the text after them as ever."""
    turn = GrowingTurn(TurnStarted("t1", "hi", "web.1", 1))
    for delta in (ReasoningDelta("H"), ReasoningDelta("m"), ReasoningEnded(2.4), TextDelta("Hi")):
        turn.add(delta)
    assert await turn.grown() == [
        fragments.thoughts("t1", "Hm"),
        fragments.thought_for("t1", 2.4),
        *fragments.text("t1", Growth(tail="Hi")),
    ]
    assert await turn.grown() == []
