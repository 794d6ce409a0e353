"""Reading a run from any place in it: straight from the run where this process owns it, else from the log.

Both sources give the same entries with the same places; which one it is, a reader does not notice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from enum import Enum, auto

from chat.domain.events import Restarted
from chat.domain.exceptions import RunUnknown
from chat.domain.runs import Cursor, Entry
from chat.domain.session_ids import Session
from chat.runs.bells import Bells
from chat.runs.flusher import PAUSE
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.records import LogSlice

#: Seconds after which a reader looks by itself, should a bell be lost.
LOOK_AGAIN = 1.0
#: A reader that comes from the owner's process may be ahead of the log by a flush: so long it is given.
CATCH_UP = PAUSE * 4


class ReaderState(Enum):
    """How a reader's place stands to what the log holds."""

    UNPLACED = auto()  # nothing was read yet, so the run's generation was not known
    VOID = auto()  # the place is in another generation, or the log has not reached it in all this time
    BEHIND = auto()  # there is more to read
    AHEAD = auto()  # the log has not reached the place yet
    CAUGHT_UP = auto()  # all was read, and the run goes on
    OVER = auto()  # all was read, and the run has ended


#: How long a reader waits for the log, in seconds, where there is nothing to read.
WAITS = {ReaderState.AHEAD: CATCH_UP, ReaderState.CAUGHT_UP: LOOK_AGAIN}


def reader_state(cursor: Cursor, found: LogSlice, before: ReaderState) -> ReaderState:
    """The state of a reader at ``cursor`` that found ``found``; ``before`` is its state at the look before."""
    if cursor.generation == 0:
        return ReaderState.UNPLACED
    if cursor.generation != found.generation:
        return ReaderState.VOID
    if cursor.seq > found.last_seq:
        return ReaderState.VOID if before is ReaderState.AHEAD else ReaderState.AHEAD
    if found.events:
        return ReaderState.BEHIND
    # Read at two moments, the log's end may be further on than its entries.
    return ReaderState.OVER if found.ended and cursor.seq == found.last_seq else ReaderState.CAUGHT_UP


async def read_live(run: LiveRun, cursor: Cursor) -> AsyncGenerator[Entry]:
    """Entries of a run of this process behind ``cursor``, until the run is closed."""
    turn_id, generation = run.turn.turn_id, run.generation
    if cursor.generation not in {0, generation} or cursor.seq >= run.seen:
        cursor = Cursor(turn_id, generation, -1)
        yield Entry(cursor, Restarted())
    async with aclosing(run.read(cursor.seq + 1)) as events:
        async for seq, event in events:
            yield Entry(Cursor(turn_id, generation, seq), event)


class LogReader:
    """Reads runs of other processes. ``here`` finds a run of this one, ``take_over`` makes a lapsed one its own."""

    def __init__(
        self,
        log: RunLog,
        bells: Bells,
        here: Callable[[str, str], LiveRun | None],
        take_over: Callable[[str, str, int], Awaitable[None]],
    ) -> None:
        self._log = log
        self._bells = bells
        self._here = here
        self._take_over = take_over

    async def read(self, session: Session, cursor: Cursor) -> AsyncGenerator[Entry]:
        """Entries behind ``cursor``, until the run is one of this process.

        Raises `RunUnknown` when there is no such run, or it has ended and ``cursor`` is its end.
        """
        state = ReaderState.UNPLACED
        with self._bells.listen(session) as bell:
            while True:
                found = await self._log.read(session.memory_id, cursor.turn_id, cursor.generation, cursor.seq)
                if found is None:
                    raise RunUnknown
                state = reader_state(cursor, found, state)
                if state in {ReaderState.UNPLACED, ReaderState.VOID}:
                    cursor = Cursor(cursor.turn_id, found.generation, -1)
                    if state is ReaderState.VOID:
                        yield Entry(cursor, Restarted())
                    continue
                for event in found.events:
                    cursor = Cursor(cursor.turn_id, cursor.generation, cursor.seq + 1)
                    yield Entry(cursor, event)
                if await self._is_here(session.memory_id, cursor.turn_id, found):
                    return
                if state is ReaderState.OVER:
                    raise RunUnknown
                if state in WAITS:
                    await bell.wait(WAITS[state])

    async def _is_here(self, memory_id: str, turn_id: str, found: LogSlice) -> bool:
        """Whether the run is one of this process, now that it was taken over if it had lapsed."""
        if found.lapsed:
            await self._take_over(memory_id, turn_id, found.generation)
        return self._here(memory_id, turn_id) is not None
