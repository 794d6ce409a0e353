"""Keeps an open page up to date with its session: runs and memory in, frames out.

Each connection starts with the whole state, so a page needs no cursor: the window, the growing or failed answer, then
every change. No message text is kept here between turns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from chat.components import Components
from chat.domain.session_ids import Session
from chat.page.screen.frame_sender import FrameSender
from chat.page.screen.memory_follower import MemoryFollower
from chat.page.screen.page_state import PageState
from chat.page.screen.store_watch import StoreWatch
from chat.page.screen.turn_follower import TurnFollower
from chat.sessions.feed import MemoryFeed


class Screen:
    """One page's view of ``session``. Frames are passed to ``send``."""

    __slots__ = ("_memory", "_store", "_turns")

    def __init__(self, session: Session, parts: Components, send: Callable[[str], Awaitable[None]]) -> None:
        page, sender = PageState(session), FrameSender(send)
        feed = MemoryFeed(parts.memory, parts.bells, session)
        self._memory = MemoryFollower(session, parts.memory, feed, page, sender)
        self._store = StoreWatch(session, parts.runs, feed, page, sender)
        self._turns = TurnFollower(session, parts.runs, feed, self._store, page, sender)

    def work(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Coroutines that keep the page up to date. Run each as a task and cancel it to end it."""
        return self._turns.follow(), self._memory.follow()

    async def look(self) -> None:
        """Check now for changes made elsewhere: the user has come back to the page."""
        await self._memory.look()

    async def await_store(self) -> None:
        """Return when the store answers; until then the page says that it does not."""
        await self._store.wait()
