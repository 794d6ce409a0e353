"""What an open page shows of a session, kept true: runs and memory in, frames out.

It begins with the whole truth each time, so a page needs no cursor: the window, the answer under way or the one that
came to nothing, then whatever happens. Nothing of what is said stays here between turns.
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
    """One page's view of ``session``. ``send`` takes a frame."""

    __slots__ = ("_memory", "_store", "_turns")

    def __init__(self, session: Session, parts: Components, send: Callable[[str], Awaitable[None]]) -> None:
        page, sender = PageState(session), FrameSender(send)
        feed = MemoryFeed(parts.memory, parts.bells, session)
        self._memory = MemoryFollower(session, parts.memory, feed, page, sender)
        self._store = StoreWatch(session, parts.runs, feed, page, sender)
        self._turns = TurnFollower(session, parts.runs, feed, self._store, page, sender)

    def work(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What keeps the page true: each is to be a task, ends by being cancelled, and leaves nothing behind."""
        return self._turns.follow(), self._memory.follow()

    async def look(self) -> None:
        """Look at once for what has happened elsewhere: someone has turned to the page."""
        await self._memory.look()

    async def await_store(self) -> None:
        """Return when the store answers; the page says meanwhile that it does not."""
        await self._store.wait()
