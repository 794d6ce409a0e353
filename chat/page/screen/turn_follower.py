"""Follows the turns of a session for one open page: the latest, and each new one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from chat.domain.events import Delta, Event
from chat.domain.exceptions import RunLogUnreachable, RunUnknown
from chat.domain.runs import Entry
from chat.domain.session_ids import Session
from chat.metrics import metrics
from chat.page import fragments, names, notices
from chat.page.screen.ended_turn import circumstances, ends_remembered
from chat.page.screen.frame_sender import FrameSender
from chat.page.screen.page_state import PageState
from chat.page.screen.store_watch import LOOK_AGAIN, StoreWatch
from chat.runs.runs import Runs
from chat.sessions.feed import MemoryFeed
from chat.sockets.batches import batched
from chat.sockets.forgetting import for_each
from chat.sockets.tasks import end_all

#: Seconds between two frames of a reply: twenty-five frames per second look like a stream.
FRAME_PAUSE = 0.04


class TurnFollower:
    """Shows the turns in ``runs`` on the page, and has ``feed`` reload the memory after each."""

    __slots__ = ("_feed", "_page", "_runs", "_sender", "_session", "_store")

    def __init__(
        self,
        session: Session,
        runs: Runs,
        feed: MemoryFeed,
        store: StoreWatch,
        page: PageState,
        sender: FrameSender,
    ) -> None:
        self._session = session
        self._runs = runs
        self._feed = feed
        self._store = store
        self._page = page
        self._sender = sender

    async def follow(self) -> None:
        """Show the latest turn and every new one, until cancelled."""
        while True:
            if not await self._follow_until_lost():
                await self._store.wait()
            await asyncio.sleep(LOOK_AGAIN)

    async def _follow_until_lost(self) -> bool:
        """Show every turn until the log of one is gone; False if the store does not answer."""
        try:
            seen = await self._catch_up()
            async with aclosing(self._runs.turns(self._session, seen=seen)) as turns:
                async for turn_id in turns:
                    await self._show_turn(turn_id)
        except RunLogUnreachable:
            return False
        except RunUnknown:
            pass  # it expired while it was being read
        return True

    # --- a turn that has ended -----------------------------------------------------------------------------------

    async def _catch_up(self) -> str | None:
        """Show the latest turn if it has ended, and return its id; otherwise None."""
        state = await self._runs.current(self._session)
        answering = state is not None and not state.ended
        if answering:
            metrics().resumes.add(1, "page")
        arrived = [notices.STORE] if answering else [notices.STORE, notices.TURN]
        await self._sender.put([*self._page.turn.lose_run(), *map(fragments.clear_notice, arrived)])
        if state is None or answering:
            return None
        await self._show_ended(state.turn_id)
        return state.turn_id

    async def _show_ended(self, turn_id: str) -> None:
        events = await _all(self._runs.tail(self._session, turn_id))
        if ends_remembered(events[-1]):
            swaps = [fragments.clear_live(), *circumstances(events)]
            await self._sender.put(swaps, dict.fromkeys((names.TAKEN, names.ENDED), turn_id))
        else:
            await self._sender.put([fragments.clear_live(turn_id)])
            await self._show(events)

    # --- a turn in progress --------------------------------------------------------------------------------------

    async def _show_turn(self, turn_id: str) -> None:
        watching = asyncio.create_task(self._store.watch_silence())
        try:
            await for_each(batched(self._runs.tail(self._session, turn_id)), self._show_entries)
        finally:
            await end_all([watching])

    async def _show_entries(self, entries: Sequence[Entry]) -> None:
        self._store.hear()
        await self._show([entry.event for entry in entries])
        if self._page.turn.is_growing and any(isinstance(entry.event, Delta) for entry in entries):
            await asyncio.sleep(FRAME_PAUSE)

    async def _show(self, events: Sequence[Event]) -> None:
        ended = False
        async for swaps, facts in self._page.turn.show(events, self._page.newest):
            await self._sender.put(swaps, facts)
            ended = names.ENDED in facts
        if ended:
            self._feed.look_again()


async def _all(entries: AsyncGenerator[Entry]) -> list[Event]:
    async with aclosing(entries):
        return [entry.event async for entry in entries]
