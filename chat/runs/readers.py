"""Reading a run from any position: from the live run if this process owns it, otherwise from the log.

Both sources give the same entries at the same positions, so a reader cannot tell them apart.
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

#: Seconds after which a reader looks again without a bell, which may have been lost.
LOOK_AGAIN = 1.0
#: Seconds for the log to catch up with a reader from the owner's process, which may be a flush ahead.
CATCH_UP = PAUSE * 4


class ReaderState(Enum):
    """A reader's position relative to the log."""

    UNPLACED = auto()  # nothing was read yet, so the run's generation is unknown
    VOID = auto()  # the position is in another generation, or the log has not reached it in time
    BEHIND = auto()  # there is more to read
    AHEAD = auto()  # the log has not reached the position yet
    CAUGHT_UP = auto()  # everything was read, and the run continues
    OVER = auto()  # everything was read, and the run has ended


#: Seconds that a reader waits for the log when there is nothing to read.
WAITS = {ReaderState.AHEAD: CATCH_UP, ReaderState.CAUGHT_UP: LOOK_AGAIN}


def reader_state(cursor: Cursor, found: LogSlice, before: ReaderState) -> ReaderState:
    """The state of a reader at ``cursor`` that read ``found``. ``before`` is its state before this read."""
    if cursor.generation == 0:
        return ReaderState.UNPLACED
    if cursor.generation != found.generation:
        return ReaderState.VOID
    if cursor.seq > found.last_seq:
        return ReaderState.VOID if before is ReaderState.AHEAD else ReaderState.AHEAD
    if found.events:
        return ReaderState.BEHIND
    # The log's end is read after its entries, so it may be further on.
    return ReaderState.OVER if found.ended and cursor.seq == found.last_seq else ReaderState.CAUGHT_UP


async def read_live(run: LiveRun, cursor: Cursor) -> AsyncGenerator[Entry]:
    """Entries after ``cursor`` of a run of this process, until the run is closed."""
    turn_id, generation = run.turn.turn_id, run.generation
    if cursor.generation not in {0, generation} or cursor.seq >= run.seen:
        cursor = Cursor(turn_id, generation, -1)
        yield Entry(cursor, Restarted())
    async with aclosing(run.read(cursor.seq + 1)) as events:
        async for seq, event in events:
            yield Entry(Cursor(turn_id, generation, seq), event)


class LogReader:
    """Reads runs of other processes. ``here`` finds a run of this process, ``take_over`` takes a lapsed one over."""

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
        """Entries after ``cursor``, until this process owns the run.

        Raises `RunUnknown`: there is no such run, or it has ended and ``cursor`` is its end.
        """
        state = ReaderState.UNPLACED
        with self._bells.listen_to_log(session) as bell:
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
        """Take the run over if it has lapsed, and say whether this process owns it."""
        if found.lapsed:
            await self._take_over(memory_id, turn_id, found.generation)
        return self._here(memory_id, turn_id) is not None
