"""Follows the memory of a session for one open page: its window, its summary, and its place in the list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from time import monotonic

from chat.domain.exceptions import MemoryServerError
from chat.domain.messages import Memory, Message
from chat.domain.session_ids import Session
from chat.page import fragments, names, notices
from chat.page.bubbles import replies_of
from chat.page.drawing import draw
from chat.page.screen.frame_sender import FrameSender
from chat.page.screen.page_state import PageState
from chat.page.screen.rewritten import find_rewritten
from chat.page.screen.shown_memory import newly_folded
from chat.page.screen.sidebar import Sidebar
from chat.sessions.feed import MemoryFeed
from chat.turns.ports import MemoryPort
from chat.web.gates import Gates

#: Seconds for which the end of a turn that is remembered may be on its way, and between two looks for it.
END_PATIENCE, END_PAUSE = 1.0, 0.02

_looks = Gates(1)


class MemoryFollower:
    """Shows the memories from ``feed`` on the page."""

    __slots__ = ("_feed", "_look_waits", "_memory", "_page", "_sender", "_session", "_sidebar")

    def __init__(
        self, session: Session, memory: MemoryPort, feed: MemoryFeed, page: PageState, sender: FrameSender
    ) -> None:
        self._session = session
        self._memory = memory
        self._feed = feed
        self._page = page
        self._sender = sender
        self._sidebar = Sidebar(memory, session)
        self._look_waits = False

    async def follow(self) -> None:
        """Show the memory now and whenever it changes, until cancelled."""
        async with aclosing(self._feed.news()) as news:
            while True:
                # No variable holds the memory: it would stay alive until the next one arrives, see `for_each`.
                if await self._show(await anext(news)):
                    with suppress(MemoryServerError):  # the list stays as it is
                        await self._list_sessions()

    async def look(self) -> None:
        """Check now for changes made elsewhere: the user has come back to the page.

        The pages of an owner look one after the other, and each once for all looks that wait meanwhile.
        """
        if self._look_waits:
            return
        self._look_waits = True
        async with _looks.of(self._session.owner or ""):
            self._look_waits = False
            await self._look_once()

    async def _look_once(self) -> None:
        try:
            await self._list_sessions()
        except MemoryServerError as error:
            await self._sender.put(self._page.show_outage(error))
            self._feed.look_again()
        else:
            await self._sender.put([fragments.clear_notice(notices.MEMORY)])
            self._feed.look()

    async def _show(self, news: Memory | MemoryServerError | None) -> bool:
        """Show the news; True if the list of sessions may be another now."""
        if news is None:
            return True
        if isinstance(news, MemoryServerError):
            await self._sender.put(self._page.show_outage(news))
            return False
        await self._let_turn_end(news)
        if self._page.shows(news):
            return False
        moved = await self._find_moved(news)
        rewritten = await find_rewritten(self._memory, self._session.memory_id, self._page.memory, news)
        replies = replies_of([*news.messages, *(moved or ())])
        drawn = await draw(replies, self._page.draw_memory, news, moved, rewritten)
        await self._sender.put(self._page.show_memory(news, drawn), {names.SHOWN: "yes"})
        return True

    async def _let_turn_end(self, memory: Memory) -> None:
        """Return when the page knows the end of the turn that ``memory`` remembers: it would be shown twice."""
        deadline = monotonic() + END_PATIENCE
        while self._page.is_behind(memory) and monotonic() < deadline:  # noqa: ASYNC110 - a page is no event
            await asyncio.sleep(END_PAUSE)

    async def _find_moved(self, memory: Memory) -> Sequence[Message] | None:
        """The messages that a fold moved out of the window; None if they stay behind the button."""
        shown = self._page.memory
        count = newly_folded(shown, memory)
        if not (count and shown):
            return None
        before = memory.messages[0].id if memory.messages else None
        with suppress(MemoryServerError):
            page = await self._memory.list_messages(self._session.memory_id, before=before, limit=count)
            # Fewer where some were withdrawn: their numbers are not used again.
            return [message for message in page.messages if int(message.id or 0) > shown.folded]
        return None

    async def _list_sessions(self) -> None:
        swaps = await self._sidebar.changes(empty=self._page.is_empty)
        await self._sender.put(swaps, {names.LISTED: "yes"} if swaps else {})
