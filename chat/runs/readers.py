"""Reading a run from any place in it: straight from the run where this process owns it, else from the log.

Both sources give the same entries with the same places; which one it is, a reader does not notice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

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
        take_over: Callable[[str, str, int], Awaitable[bool]],
    ) -> None:
        self._log = log
        self._bells = bells
        self._here = here
        self._take_over = take_over

    async def read(self, session: Session, cursor: Cursor) -> AsyncGenerator[Entry]:
        """Entries behind ``cursor``, until the run is one of this process.

        Raises `RunUnknown` when there is no such run, or it has ended and ``cursor`` is its end.
        """
        memory_id, turn_id, waited = session.memory_id, cursor.turn_id, False
        with self._bells.listen(session) as bell:
            while True:
                stretch = await self._log.read(memory_id, turn_id, cursor.generation, cursor.seq)
                if stretch is None:
                    raise RunUnknown
                if cursor.generation == 0:  # nothing was read yet: now it is known where to begin
                    cursor = Cursor(turn_id, stretch.generation, -1)
                    continue
                if _is_void(cursor, stretch, waited=waited):
                    cursor = Cursor(turn_id, stretch.generation, -1)
                    yield Entry(cursor, Restarted())
                    continue
                for event in stretch.events:
                    cursor = Cursor(turn_id, cursor.generation, cursor.seq + 1)
                    yield Entry(cursor, event)
                if stretch.lapsed:
                    await self._take_over(memory_id, turn_id, stretch.generation)
                if self._here(memory_id, turn_id):
                    return
                if stretch.ended and not stretch.events and cursor.seq == stretch.last_seq:
                    raise RunUnknown
                if not stretch.events:
                    waited = cursor.seq > stretch.last_seq
                    await bell.wait(CATCH_UP if waited else LOOK_AGAIN)


def _is_void(cursor: Cursor, stretch: Stretch, *, waited: bool) -> bool:
    """Whether ``cursor`` is a place of another generation, or one that the log has not reached in all this time."""
    return cursor.generation != stretch.generation or (waited and cursor.seq > stretch.last_seq)
