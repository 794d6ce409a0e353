"""The memory of a session, followed for an open page."""

from __future__ import annotations

import asyncio

import pytest

from chat.components import Components
from chat.domain.events import TurnFinished, TurnStarted
from chat.domain.messages import Message, Role
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
    """The follower for a page that shows nothing yet."""
    feed = MemoryFeed(parts.memory, parts.bells, SESSION)
    return MemoryFollower(SESSION, parts.memory, feed, PageState(SESSION), FrameSender(sent.send))


async def test_the_memory_is_shown_and_then_the_list_of_sessions(follower, parts, memory, sent):
    """At once, and whenever the bell rings."""
    memory.seed(SESSION, "hi im bob", "Hello Bob.")
    async with in_background(follower.follow()):
        shown, _ = await sent.until("Hello Bob.", '"listed": "yes"')
        assert '"shown": "yes"' in shown
        memory.seed(SESSION, "and you?", "A chat.")
        await parts.bells.ring(SESSION)
        (grown,) = await sent.until("A chat.")
        assert "Hello Bob." not in grown


async def test_many_looks_at_once_are_few(follower, monkeypatch):
    """One is under way, and another begins behind it, for all that were asked for meanwhile."""
    looks: list[str] = []

    async def list_sessions(_: MemoryFollower) -> None:
        looks.append("begun")
        await asyncio.sleep(0)

    monkeypatch.setattr(MemoryFollower, "_list_sessions", list_sessions)
    await asyncio.gather(*(follower.look() for _ in range(50)))
    assert len(looks) == 2


async def test_an_answer_is_not_shown_twice(parts, memory, sent, monkeypatch):
    """The memory may have it before the page knows that its turn has ended: then it is shown with the end."""
    monkeypatch.setattr("chat.page.screen.memory_follower.END_PATIENCE", 60)
    page = PageState(SESSION)
    feed = MemoryFeed(parts.memory, parts.bells, SESSION)
    follower = MemoryFollower(SESSION, parts.memory, feed, page, FrameSender(sent.send))
    async with in_background(follower.follow()):
        await sent.until('"listed": "yes"')
        async for _ in page.turn.show([TurnStarted("t1", "hi im bob", "web.1", 1)], ""):
            pass
        memory.seed(SESSION, "hi im bob", "Hello Bob.")
        await parts.bells.ring(SESSION)
        await asyncio.sleep(0.2)  # the memory has arrived
        async for _ in page.turn.show([TurnFinished("Hello Bob.")], ""):
            pass
        shown = await sent.until("Hello Bob.")
        assert fragments.clear_live() in shown[-1]


@pytest.mark.parametrize("away", [False, True])
async def test_newly_folded_messages_stay_visible(follower, parts, memory, sent, away):
    """If they cannot be loaded, they are behind the button."""
    memory.seed(SESSION, "one", "two", "three", "four")
    async with in_background(follower.follow()):
        await sent.until('"listed": "yes"')
        memory.seed(SESSION, "five", "six")
        memory.folded_away = away
        await parts.bells.ring(SESSION)
        frames = await sent.until("six")
    assert any('<hx-partial hx-target="#earlier-list"' in frame for frame in frames) is not away


async def test_a_fold_moves_no_message_up_twice(follower, parts, memory, sent):
    """The numbers of messages that were replaced are missing, so the fold has fewer messages than numbers."""
    memory.seed(SESSION, "one", "two", "three", "four")
    await memory.fold(SESSION.memory_id, through="2")
    epoch = (await memory.get_memory(SESSION.memory_id)).epoch
    new = [Message(Role.HUMAN, "five"), Message(Role.AI, "six")]
    await memory.append_messages(SESSION, new, turn_id="t", epoch=epoch, replace_after="2")
    async with in_background(follower.follow()):
        await sent.until('"listed": "yes"')
        await memory.fold(SESSION.memory_id, through="6")
        await parts.bells.ring(SESSION)
        (frame,) = await sent.until('"shown": "yes"')
    assert "five" in frame
    assert 'id="message-2"' not in frame


async def test_a_memory_that_is_away_is_reported(follower, memory, sent):
    """Coming back to the page checks again, and reports that it is back."""
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


async def test_a_new_title_is_shown_when_the_bell_rings(follower, parts, memory, sent):
    """Details are not part of the memory, which is not sent again."""
    memory.seed(SESSION, "hi im bob", "Hello Bob.")
    async with in_background(follower.follow()):
        await sent.until('"listed": "yes"')
        await memory.change_details(SESSION.memory_id, {"title": "Introductions"})
        await parts.bells.ring(SESSION)
        (listed,) = await sent.until("Introductions")
        assert "Hello Bob." not in listed
