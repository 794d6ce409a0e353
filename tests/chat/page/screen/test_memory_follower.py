"""An open page follows the memory."""

from __future__ import annotations

import pytest

from chat.components import Components
from chat.domain.session_ids import owned_session
from chat.page import fragments, notices
from chat.page.screen.frame_sender import FrameSender
from chat.page.screen.memory_follower import MemoryFollower
from chat.page.screen.page_state import PageState
from chat.sessions.feed import MemoryFeed
from tests.chat.page.screen.stand_ins import SentFrames, in_background

SESSION = owned_session("owner", "s")


@pytest.fixture
def follower(parts: Components, sent: SentFrames) -> MemoryFollower:
    """For a page that shows nothing yet."""
    feed = MemoryFeed(parts.memory, parts.bells, SESSION)
    return MemoryFollower(SESSION, parts.memory, feed, PageState(SESSION), FrameSender(sent.send))


async def test_the_memory_is_shown_and_then_its_place_in_the_list(follower, parts, memory, sent):
    """Now, and whenever the bell rings."""
    memory.seed(SESSION, "hi im bob", "Hello Bob.")
    async with in_background(follower.follow()):
        shown, _ = await sent.until("Hello Bob.", '"listed": "yes"')
        assert '"shown": "yes"' in shown
        memory.seed(SESSION, "and you?", "A chat.")
        await parts.bells.ring(SESSION)
        (grown,) = await sent.until("A chat.")
        assert "Hello Bob." not in grown


@pytest.mark.parametrize("away", [False, True])
async def test_what_a_fold_takes_out_of_the_window_stays_in_sight(follower, parts, memory, sent, away):
    """Unless it cannot be read: then it is behind the button."""
    memory.seed(SESSION, "one", "two", "three", "four")
    async with in_background(follower.follow()):
        await sent.until('"listed": "yes"')
        memory.seed(SESSION, "five", "six")
        memory.folded_away = away
        await parts.bells.ring(SESSION)
        frames = await sent.until("six")
    assert any('<hx-partial hx-target="#earlier-list"' in frame for frame in frames) is not away


async def test_a_memory_that_is_away_is_said_to_be(follower, memory, sent):
    """A look at the page says so as well, and that it is back."""
    memory.seed(SESSION, "hi im bob", "Hello Bob.")
    memory.away = True
    async with in_background(follower.follow()):
        await sent.until("Memory is unreachable.")
        memory.away = False
        await follower.look()
        await sent.until(fragments.clear_notice(notices.MEMORY), fragments.outage(""), "Hello Bob.")
        memory.away = True
        await follower.look()
        await sent.until("Memory is unreachable.")
