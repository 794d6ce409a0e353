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
from chat.runs.records import Stretch

#: Seconds after which a reader looks by itself, should a bell be lost.
LOOK_AGAIN = 1.0
#: A reader that comes from the owner's process may be ahead of the log by a flush: so long it is given.
CATCH_UP = PAUSE * 4


class Reading(Enum):
    """How a reader's place stands to what the log holds."""

    UNPLACED = auto()  # nothing was read yet, so the run's generation was not known
    VOID = auto()  # the place is in another generation, or the log has not reached it in all this time
    BEHIND = auto()  # there is more to read
    AHEAD = auto()  # the log has not reached the place yet
    CAUGHT_UP = auto()  # all was read, and the run goes on
    OVER = auto()  # all was read, and the run has ended


#: How long a reader waits for the log, in seconds, where there is nothing to read.
WAITS = {Reading.AHEAD: CATCH_UP, Reading.CAUGHT_UP: LOOK_AGAIN}


def reading_of(cursor: Cursor, stretch: Stretch, before: Reading) -> Reading:
    """The state of a reader at ``cursor`` that found ``stretch``; ``before`` is its state at the look before."""
    if cursor.generation == 0:
        return Reading.UNPLACED
    if cursor.generation != stretch.generation:
        return Reading.VOID
    if cursor.seq > stretch.last_seq:
        return Reading.VOID if before is Reading.AHEAD else Reading.AHEAD
    if stretch.events:
        return Reading.BEHIND
    # Read at two moments, the log's end may be further on than its entries.
    return Reading.OVER if stretch.ended and cursor.seq == stretch.last_seq else Reading.CAUGHT_UP


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
        reading = Reading.UNPLACED
        with self._bells.listen(session) as bell:
            while True:
                stretch = await self._log.read(session.memory_id, cursor.turn_id, cursor.generation, cursor.seq)
                if stretch is None:
                    raise RunUnknown
                reading = reading_of(cursor, stretch, reading)
                if reading in {Reading.UNPLACED, Reading.VOID}:
                    cursor = Cursor(cursor.turn_id, stretch.generation, -1)
                    if reading is Reading.VOID:
                        yield Entry(cursor, Restarted())
                    continue
                for event in stretch.events:
                    cursor = Cursor(cursor.turn_id, cursor.generation, cursor.seq + 1)
                    yield Entry(cursor, event)
                if await self._is_here(session.memory_id, cursor.turn_id, stretch):
                    return
                if reading is Reading.OVER:
                    raise RunUnknown
                if reading in WAITS:
                    await bell.wait(WAITS[reading])

    async def _is_here(self, memory_id: str, turn_id: str, stretch: Stretch) -> bool:
        """Whether the run is one of this process, now that it was taken over if it had lapsed."""
        if stretch.lapsed:
            await self._take_over(memory_id, turn_id, stretch.generation)
        return self._here(memory_id, turn_id) is not None
