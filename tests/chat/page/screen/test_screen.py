"""An open page as a whole."""

from __future__ import annotations

import asyncio

from chat.domain.session_ids import owned_session
from chat.page import fragments, notices
from chat.page.screen.screen import Screen
from tests.chat.page.screen.stand_ins import in_background

SESSION = owned_session("owner", "s")


async def test_a_page_begins_with_the_whole_truth(parts, memory, sent):
    """The window, the list of sessions, and that nothing grows; then whatever happens."""
    memory.seed(SESSION, "hi im bob", "Hello Bob.")
    screen = Screen(SESSION, parts, sent.send)
    async with in_background(*screen.work()):
        await sent.until("Hello Bob.", '"listed": "yes"', fragments.clear_growing())
        memory.seed(SESSION, "and you?", "A chat.")
        await screen.look()
        await sent.until(fragments.clear_notice(notices.MEMORY), "A chat.")


async def test_a_turn_that_ends_brings_the_window_that_holds_it(parts, model, sent):
    """And goes from its own place in the frame that brings it."""
    screen = Screen(SESSION, parts, sent.send)
    async with in_background(*screen.work()):
        await sent.until(fragments.clear_growing())
        model.say("Hello Bob.")
        model.end()
        await parts.runs.start(SESSION, "hi im bob", "t1", visitor="owner")
        await sent.until('"ended": "t1"')
        *_, settled = await sent.until(fragments.clear_live())
    assert '<hx-partial hx-target="#figures"' in settled


async def test_a_page_that_is_left_leaves_nothing(parts, sent):
    """Each of its works ends when it is cancelled."""
    before = asyncio.all_tasks()
    async with in_background(*Screen(SESSION, parts, sent.send).work()):
        await sent.until(fragments.clear_growing())
    names = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}  # type: ignore[union-attr]
    assert not {name for name in names if "Follower" in name or "batched" in name}
