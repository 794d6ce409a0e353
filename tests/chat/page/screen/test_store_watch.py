"""Whether the store of the runs answers, as an open page learns it."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

import pytest

from chat.components import Components
from chat.domain.exceptions import RunLogUnreachable
from chat.domain.session_ids import Session, owned_session
from chat.page import fragments, notices
from chat.page.screen import store_watch
from chat.page.screen.frame_sender import FrameSender
from chat.page.screen.outage import Away
from chat.page.screen.page_state import PageState
from chat.page.screen.store_watch import StoreWatch
from chat.sessions.feed import MemoryFeed
from tests.chat.page.screen.stand_ins import SentFrames, in_background

SESSION = owned_session("owner", "s")
AWAY = "Answers go on as soon as it is back."


class UnreliableStore:
    """Runs whose store can be away."""

    def __init__(self) -> None:
        self.away = False
        self.asked = asyncio.Event()

    async def current(self, session: Session) -> None:
        self.asked.set()
        if self.away:
            raise RunLogUnreachable


@pytest.fixture
def runs() -> UnreliableStore:
    return UnreliableStore()


@pytest.fixture
def page() -> PageState:
    return PageState(SESSION)


@pytest.fixture
def watch(parts: Components, runs: UnreliableStore, page: PageState, sent: SentFrames) -> StoreWatch:
    """The watch of a page that shows nothing yet."""
    feed = MemoryFeed(parts.memory, parts.bells, SESSION)
    return StoreWatch(SESSION, cast(Any, runs), feed, page, FrameSender(sent.send))


async def test_a_store_that_is_away_is_waited_for(watch, runs, page, sent):
    """The page says so once; notices that waited for the store are removed when it is back."""
    runs.away = True
    async with in_background(watch.wait()):
        await sent.until(AWAY)
        assert page.outage.away is Away.STORE
        runs.away = False
        frames = await sent.until(fragments.clear_notice(notices.STORE))
        assert len(frames) == 1


async def test_silence_in_an_answer_triggers_a_check_of_the_store(watch, runs, sent, monkeypatch):
    """While the store is away no answer can end, and nothing else would reveal the outage."""
    monkeypatch.setattr(store_watch, "SILENCE", 0.01)
    async with in_background(watch.watch_silence()):
        await runs.asked.wait()
        runs.away = True
        await sent.until(AWAY)
        runs.away = False
        await sent.until(fragments.clear_notice(notices.STORE))


async def test_the_store_is_not_checked_while_an_answer_arrives(watch, runs, monkeypatch):
    """The next full silence counts."""
    monkeypatch.setattr(store_watch, "SILENCE", 0.1)
    begun = time.monotonic()
    async with in_background(watch.watch_silence()):
        await asyncio.sleep(0)
        watch.hear()
        await runs.asked.wait()
    assert time.monotonic() - begun >= 2 * store_watch.SILENCE
