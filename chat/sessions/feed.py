"""Changes of a session's memory: folds, edits, deletions, and appends from elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from time import monotonic

from chat.domain.exceptions import MemoryServerError
from chat.domain.messages import FoldState, Memory
from chat.domain.session_ids import Session
from chat.turns.ports import BellPort, BellsPort, MemoryPort

#: Seconds between polls: while a fold is due, while the memory server is unreachable, and otherwise.
FOLDING, AWAY, IDLE = 0.5, 3.0, 60.0
#: The longest interval, in seconds, between polls for a fold that is long overdue.
SLOWEST = 15.0


class MemoryFeed:
    """The changes of the memory of ``session``, for one listener.

    The memory server does not announce folds, so it is polled: often while one is due (an unchanged memory is not sent
    again), when the session's bell rings, and rarely otherwise.
    """

    def __init__(self, memory: MemoryPort, bells: BellsPort, session: Session) -> None:
        self._memory = memory
        self._bells = bells
        self._session = session
        self._etag: str | None = None  # of the memory given last
        self._bell: BellPort | None = None
        self._away = False  # and the listener knows it
        self._looking = False  # the listener has rung the bell

    def look_again(self) -> None:
        """Poll at once, and give the memory, or its error, even if nothing has changed."""
        self._etag, self._away = None, False
        self.look()

    def look(self) -> None:
        """Poll at once."""
        self._looking = True
        if self._bell is not None:
            self._bell.ring()

    async def news(self) -> AsyncGenerator[Memory | MemoryServerError | None]:
        """The memory now, and again whenever it changes, without an end.

        An outage is given as a value, once; the memory follows when the server is back. None: the bell has rung, but
        the memory is the same, so the session's details may have changed.
        """
        pause, rung = IDLE, False
        with self._bells.listen(self._session) as self._bell:
            while True:
                try:
                    found = await self._memory.get_changed_memory(self._session.memory_id, self._etag)
                except MemoryServerError as error:
                    reported, self._away = self._away, True
                    self._etag, pause = None, AWAY
                    if not reported:
                        yield error
                else:
                    self._away = False
                    if found is not None:
                        self._etag, pause = found.etag, _pause(found)
                        yield found
                        found = None  # the web tier keeps no text, and this may wait for hours
                    elif rung:
                        yield None
                    elif pause < IDLE:
                        pause = min(pause * 1.5, SLOWEST)
                rung = await self._rings_within(pause)

    async def _rings_within(self, seconds: float) -> bool:
        """Whether the bell rings within the time, and for another reason than `look`."""
        began, self._looking = monotonic(), False
        if self._bell is not None:
            await self._bell.wait(seconds)
        return monotonic() - began < seconds and not self._looking


def _pause(memory: Memory) -> float:
    return FOLDING if memory.window.fold is FoldState.PENDING else IDLE
