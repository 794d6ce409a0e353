"""Watches for one open page whether the store of the runs answers."""

from __future__ import annotations

import asyncio

from chat.domain.exceptions import RunLogUnreachable
from chat.domain.session_ids import Session
from chat.page import fragments, notices
from chat.page.screen.frame_sender import FrameSender
from chat.page.screen.outage import Away
from chat.page.screen.page_state import PageState
from chat.sessions.feed import MemoryFeed
from chat.turns.ports import RunsPort

#: Seconds between two checks of a store that is away.
LOOK_AGAIN = 1.0
#: Seconds of silence in an answer before the store is checked: while it is away, no answer can end.
SILENCE = 2.0


class StoreWatch:
    """Checks the store and shows on the page that it is away. Once it is back, ``feed`` reloads the memory."""

    __slots__ = ("_feed", "_heard", "_page", "_runs", "_sender", "_session")

    def __init__(
        self, session: Session, runs: RunsPort, feed: MemoryFeed, page: PageState, sender: FrameSender
    ) -> None:
        self._session = session
        self._runs = runs
        self._feed = feed
        self._page = page
        self._sender = sender
        self._heard = False

    async def wait(self) -> None:
        """Return when the store answers; until then the page says that it does not."""
        while True:
            if await self._answers():
                break
            await asyncio.sleep(LOOK_AGAIN)
        await self._sender.put([fragments.clear_notice(notices.STORE)])
        if self._page.outage.away is not Away.NOTHING:
            self._feed.look_again()

    def hear(self) -> None:
        """Note that part of an answer has arrived, so the store need not be checked yet."""
        self._heard = True

    async def watch_silence(self) -> None:
        """Check the store whenever an answer falls silent, until cancelled."""
        while True:
            self._heard = False
            await asyncio.sleep(SILENCE)
            if not (self._heard or await self._answers()):
                await self.wait()

    async def _answers(self) -> bool:
        try:
            await self._runs.current(self._session)
        except RunLogUnreachable as error:
            await self._sender.put(self._page.show_outage(error))
            return False
        return True
