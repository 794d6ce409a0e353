"""What an open page shows of a session, kept true: runs and memory in, frames out.

It begins with the whole truth each time, so a page needs no cursor: the window, the answer under way or the one that
came to nothing, then whatever happens. Nothing of what is said stays here between turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeAlias

from chat.components import Components
from chat.domain.events import (
    Event,
    MemoryLoaded,
    Restarted,
    TextDelta,
    TurnStarted,
)
from chat.domain.exceptions import MemoryServerError, RunLogUnreachable, RunUnknown
from chat.domain.messages import Memory
from chat.domain.runs import Entry
from chat.domain.sentences import Situation, sentence
from chat.domain.session_ids import Session
from chat.page import fragments, names, notices
from chat.page.screen.ended_turn import circumstances, ended, is_remembered
from chat.page.screen.growing_turn import GrowingTurn
from chat.page.screen.sidebar import Sidebar
from chat.page.unsaved import newest_mark
from chat.sessions.feed import MemoryFeed
from chat.sockets.batches import batched
from chat.sockets.forgetting import for_each
from chat.sockets.tasks import end_all

#: Seconds between two frames of a reply: twenty-five a second look like a stream.
FRAME_PAUSE = 0.04
#: Seconds until a store that is away is asked again.
LOOK_AGAIN = 1.0
#: Seconds of silence in an answer after which the store is looked at: while it is away, no answer can end.
SILENCE = 2.0
#: Messages that one fold moves up on the page; more than that are behind the button.
MOST_MOVED = 100

SendFrame: TypeAlias = Callable[[str], Awaitable[None]]


class Screen:
    """One page's view of ``session``. ``send`` takes a frame."""

    def __init__(self, session: Session, parts: Components, send: SendFrame) -> None:
        self._session = session
        self._parts = parts
        self._send = send
        self._feed = MemoryFeed(parts.memory, parts.bells, session)
        self._turn: GrowingTurn | None = None
        self._settling = False  # the turn is remembered, and its messages wait to be shown in the window
        self._etag: str | None = None  # of the memory that is shown
        self._outage = ""  # what the page says is away
        self._heard = False  # something of the turn, lately
        self._folded: int | None = None
        self._ids: tuple[str | None, ...] = ()  # of the messages in the window
        self._empty: bool | None = None  # nothing is remembered of the session
        self._sidebar = Sidebar(parts.memory, session)
        self._newest: str | None = None

    def work(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What keeps the page true: each is to be a task, ends by being cancelled, and leaves nothing behind."""
        return self._follow_turns(), self._follow_memory()

    async def look(self) -> None:
        """Somebody turns to the page: what may have happened elsewhere is looked for at once."""
        try:
            await self._list_sessions()
        except MemoryServerError as error:
            await self._show_outage(sentence(error, Situation.WATCHING))
            self._feed.look_again()
        else:
            await self._put([fragments.over(notices.MEMORY)])
            self._feed.look()

    async def _list_sessions(self) -> None:
        swaps = await self._sidebar.changes(empty=self._empty)
        await self._put(swaps, {names.LISTED: "yes"} if swaps else {})

    # --- memory -----------------------------------------------------------------------------------------------

    async def _follow_memory(self) -> None:
        await for_each(self._feed.news(), self._show_news)

    async def _show_news(self, memory: Memory | MemoryServerError) -> None:
        if isinstance(memory, MemoryServerError):
            await self._show_outage(sentence(memory, Situation.WATCHING))
        elif await self._show_memory(memory):
            with suppress(MemoryServerError):  # the list stays as it was
                await self._list_sessions()

    async def _show_memory(self, memory: Memory) -> bool:
        """False: it is what the page shows already."""
        known = memory.etag is not None and memory.etag == self._etag
        if known and not self._settling and not self._outage:
            return False
        self._outage = ""
        self._etag, self._newest = memory.etag, newest_mark(memory)
        swaps: list[str] = [fragments.outage(""), fragments.over(notices.MEMORY), fragments.panel(memory)]
        swaps += await self._folds(memory)
        swaps += self._window(memory)
        if self._settling:
            swaps.append(fragments.clear_live())
            self._settling = False
        await self._put([*swaps, *self._deletion(memory)], {names.SHOWN: "yes"})
        return True

    def _deletion(self, memory: Memory) -> Sequence[str]:
        """What is said when everything has gone; what came to nothing goes with it."""
        before, self._empty = self._empty, memory.is_empty
        if not self._empty or before is not False:
            return []
        return [fragments.notice(notices.DELETED), *([] if self._turn else [fragments.clear_all_live()])]

    def _window(self, memory: Memory) -> Sequence[str]:
        """What has changed of the window, where that can be told; else all of it."""
        before, self._ids = self._ids, tuple(message.id for message in memory.messages)
        gone = before.index(self._ids[0]) if self._ids and self._ids[0] in before else len(before)
        stays = before[gone:]
        if stays and None not in self._ids and stays == self._ids[: len(stays)]:
            return fragments.window_step(map(str, before[:gone]), memory.messages[len(stays) :])
        return fragments.window(memory)

    async def _show_outage(self, sentence: str) -> None:
        if sentence != self._outage:
            self._outage = sentence
            await self._put([fragments.outage(sentence)])

    async def _folds(self, memory: Memory) -> Sequence[str]:
        """What a fold has taken out of the window goes up and stays in sight."""
        moved = 0 if self._folded is None else memory.window.folded - self._folded
        self._folded = memory.window.folded
        if not (0 < moved <= MOST_MOVED and memory.messages and memory.messages[0].id):
            return [fragments.earlier_unless_shown(self._session, memory)]
        try:
            page = await self._parts.memory.list_messages(
                self._session.memory_id, before=memory.messages[0].id, limit=moved
            )
        except MemoryServerError:
            return [fragments.earlier_unless_shown(self._session, memory)]
        return fragments.newly_folded(memory, page.messages)

    # --- turns ------------------------------------------------------------------------------------------------

    async def _follow_turns(self) -> None:
        while True:
            try:
                seen = await self._show_ended()
                await self._follow(seen)
            except RunLogUnreachable:
                await self.await_store()
            except RunUnknown:
                pass  # it ended too long ago, while it was being read
            await asyncio.sleep(LOOK_AGAIN)

    async def await_store(self) -> None:
        """Return when the store answers; the page says meanwhile that it does not."""
        while True:
            if await self._store_answers():
                break
            await asyncio.sleep(LOOK_AGAIN)
        await self._put([fragments.over(notices.STORE)])
        if self._outage:
            self._feed.look_again()

    async def _store_answers(self) -> bool:
        try:
            await self._parts.runs.current(self._session)
        except RunLogUnreachable as error:
            await self._show_outage(sentence(error, Situation.WATCHING))
            return False
        return True

    async def _follow(self, seen: str | None) -> None:
        async with aclosing(self._parts.runs.turns(self._session, seen=seen)) as turns:
            async for turn_id in turns:
                await self._show_turn(turn_id)

    async def _show_turn(self, turn_id: str) -> None:
        watching = asyncio.create_task(self._watch_silence())
        try:
            await for_each(batched(self._parts.runs.tail(self._session, turn_id)), self._show_entries)
        finally:
            await end_all([watching])

    async def _show_entries(self, entries: Sequence[Entry]) -> None:
        self._heard = True
        await self._show_batch([entry.event for entry in entries])
        if self._turn and any(isinstance(entry.event, TextDelta) for entry in entries):
            await asyncio.sleep(FRAME_PAUSE)

    async def _watch_silence(self) -> None:
        while True:
            self._heard = False
            await asyncio.sleep(SILENCE)
            if not (self._heard or await self._store_answers()):
                await self.await_store()

    async def _show_ended(self) -> str | None:
        """The turn that ended a moment ago: the window has it, or it came to nothing and must be seen again."""
        state = await self._parts.runs.current(self._session)
        answering = state is not None and not state.ended
        over = [notices.STORE] if answering else [notices.STORE, notices.TURN]
        await self._put([fragments.clear_growing(), fragments.no_stop(), *map(fragments.over, over)])
        if state is None or answering:
            return None
        events = await _all(self._parts.runs.tail(self._session, state.turn_id))
        if is_remembered(events[-1]):
            await self._put(
                [fragments.clear_live(), *circumstances(events)], _facts(state.turn_id, names.TAKEN, names.ENDED)
            )
        else:
            await self._put([fragments.clear_live(state.turn_id)])
            await self._show_batch(events)
        return state.turn_id

    async def _show_batch(self, events: Sequence[Event]) -> None:
        """All of it in as few frames as can be."""
        swaps: list[str] = []
        facts: dict[str, str] = {}
        remembered = False
        for event in events:
            if isinstance(event, TurnStarted):
                self._turn = GrowingTurn(event)
                await self._put([*swaps, *fragments.started(event)])
                swaps = []  # htmx looks for all places of a frame before it fills the first
            elif isinstance(event, Restarted):
                swaps.append(fragments.clear_live())
            elif self._turn is None:
                continue
            elif isinstance(event, MemoryLoaded):
                swaps += fragments.prompt(event)
                facts |= _facts(self._turn.turn_id, names.TAKEN)
            elif isinstance(event, TextDelta):
                self._turn.add(event.text)
            else:
                swaps += self._turn.grown()
                swaps += ended(self._session.memory_id, self._turn.started, event, self._newest)
                swaps.append(fragments.over(notices.TURN))
                facts |= _facts(self._turn.turn_id, names.ENDED)
                self._turn, remembered = None, is_remembered(event)
        swaps += self._turn.grown() if self._turn else []
        await self._put(swaps, facts)
        if names.ENDED in facts:
            self._settling = remembered
            self._feed.look_again()

    async def _put(self, swaps: Sequence[str], facts: Mapping[str, str] | None = None) -> None:
        if swaps or facts:
            for frame in fragments.frames(swaps, facts):
                await self._send(frame)


async def _all(entries: AsyncGenerator[Entry]) -> list[Event]:
    async with aclosing(entries):
        return [entry.event async for entry in entries]


def _facts(turn_id: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, turn_id)
