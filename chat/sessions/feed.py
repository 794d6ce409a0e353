"""News of a session's memory: folds, edits, deletions, appends from elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from chat.domain.exceptions import MemoryServerError
from chat.domain.messages import FoldState, Memory
from chat.domain.session_ids import Session
from chat.turns.ports import BellPort, BellsPort, MemoryPort

#: Seconds between looks: while a fold is due, while the memory server is away, and otherwise.
FOLDING, AWAY, IDLE = 0.5, 3.0, 60.0
#: A fold that does not come is asked for less and less often, down to this.
SLOWEST = 15.0


class MemoryFeed:
    """What is new in the memory of ``session``, for one listener.

    The memory server tells nobody of a fold, so it is asked: often while one is due (an unchanged session costs it
    no message), when the session's bell rings, and rarely otherwise.
    """

    def __init__(self, memory: MemoryPort, bells: BellsPort, session: Session) -> None:
        self._memory = memory
        self._bells = bells
        self._session = session
        self._etag: str | None = None  # of what was told last
        self._bell: BellPort | None = None
        self._away = False  # which was told

    def look_again(self) -> None:
        """Ask at once, and tell the memory, or that it is away, also when that is no news."""
        self._etag, self._away = None, False
        self.look()

    def look(self) -> None:
        """Ask at once."""
        if self._bell is not None:
            self._bell.ring()

    async def news(self) -> AsyncGenerator[Memory | MemoryServerError]:
        """The memory now, and again whenever it changed, without an end.

        An error is given as a value, once; the memory comes when the server is back.
        """
        pause = IDLE
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
                        found = None  # it may wait here for hours, and the web tier keeps no conversation
                    elif pause < IDLE:
                        pause = min(pause * 1.5, SLOWEST)
                await self._bell.wait(pause)


def _pause(memory: Memory) -> float:
    return FOLDING if memory.window.fold is FoldState.PENDING else IDLE
