"""The turns of a session, followed for an open page."""

from __future__ import annotations

import asyncio

import pytest

from chat.components import Components
from chat.domain.exceptions import ModelUnreachable
from chat.domain.session_ids import owned_session
from chat.page import fragments
from chat.page.screen.frame_sender import FrameSender
from chat.page.screen.page_state import PageState
from chat.page.screen.store_watch import StoreWatch
from chat.page.screen.turn_follower import TurnFollower
from chat.sessions.feed import MemoryFeed
from tests.chat.page.screen.stand_ins import SentFrames, in_background
from tests.support.servers import PATIENCE

SESSION = owned_session("owner", "s")
#: The first swap for every page.
NOTHING_GROWS = fragments.clear_growing()


@pytest.fixture
def follower(parts: Components, sent: SentFrames) -> TurnFollower:
    """The follower for a page that shows no turn yet."""
    page, sender = PageState(SESSION), FrameSender(sent.send)
    feed = MemoryFeed(parts.memory, parts.bells, SESSION)
    store = StoreWatch(SESSION, parts.runs, feed, page, sender)
    return TurnFollower(SESSION, parts.runs, feed, store, page, sender)


async def run(parts: Components, turn_id: str) -> None:
    """Start the turn and wait for its end."""
    await parts.runs.start(SESSION, "hi im bob", turn_id, visitor="owner")
    async with asyncio.timeout(15 * PATIENCE):
        _ = [entry async for entry in parts.runs.tail(SESSION, turn_id)]


async def test_a_turn_is_shown_as_it_grows(follower, parts, model, sent):
    """Its start, its prompt, its text, its end."""
    async with in_background(follower.follow()):
        await sent.until(NOTHING_GROWS)
        await parts.runs.start(SESSION, "hi im bob", "t1", visitor="owner")
        await sent.until("hi im bob", '"taken": "t1"')
        model.say("Hello")
        await sent.until("Hello")
        model.say(" Bob.")
        model.end()
        await sent.until(" Bob.", '"ended": "t1"')


async def test_each_new_turn_is_shown(follower, parts, model, sent):
    """It does not matter which page started it."""
    async with in_background(follower.follow()):
        for turn_id in ("t1", "t2"):
            model.say("Hello")
            model.end()
            await run(parts, turn_id)
            await sent.until(f'"ended": "{turn_id}"')


async def test_a_turn_that_was_remembered_earlier_is_not_shown_again(follower, parts, model, sent):
    """Its messages are in the window; the worker is shown at the right."""
    model.say("Hello Bob.")
    model.end()
    await run(parts, "t1")
    async with in_background(follower.follow()):
        frames = await sent.until('"taken": "t1", "ended": "t1"')
    assert "web.1, process" in frames[-1]
    assert not any("Hello Bob." in frame for frame in frames)


async def test_a_turn_that_failed_earlier_is_shown_again(follower, parts, model, sent):
    """It has its text and a retry button."""
    model.fail(ModelUnreachable())
    await run(parts, "t1")
    async with in_background(follower.follow()):
        frames = await sent.until("hi im bob", "Retry", '"ended": "t1"')
    assert fragments.clear_live("t1") in frames
