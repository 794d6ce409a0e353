"""News of a session's memory: folds, edits, deletions, appends from elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from chat.bells import Bells
from chat.exceptions import MemoryServerError
from chat.messages import FoldState, Memory
from chat.runkeys import bell_of
from chat.sessions import Session

#: Seconds between looks: while a fold is due, while the memory server is away, and otherwise.
FOLDING, AWAY, IDLE = 0.5, 3.0, 60.0
#: A fold that does not come is asked for less and less often, down to this.
SLOWEST = 15.0


class ChangingMemory(Protocol):
    """What the feed needs of the memory: `chat.memory.MemoryClient` has it."""

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None: ...


async def watch_memory(
    memory: ChangingMemory, bells: Bells, session: Session
) -> AsyncGenerator[Memory | MemoryServerError]:
    """The session's memory now, and again whenever it changed, without an end.

    The memory server tells nobody of a fold, so it is asked: often while one is due (an unchanged session costs it
    no message), when the session's bell rings, and rarely otherwise. An error is given as a value, once; the memory
    comes when the server is back.
    """
    etag: str | None = None
    pause, away = IDLE, False
    with bells.listen(bell_of(session.memory_id)) as bell:
        while True:
            try:
                found = await memory.get_changed_memory(session.memory_id, etag)
            except MemoryServerError as error:
                if not away:
                    yield error
                etag, pause, away = None, AWAY, True
            else:
                away = False
                if found is not None:
                    etag, pause = found.etag, _pause(found)
                    yield found
                    found = None  # it may wait here for hours, and the web tier keeps no conversation
                elif pause < IDLE:
                    pause = min(pause * 1.5, SLOWEST)
            await bell.wait(pause)


def _pause(memory: Memory) -> float:
    return FOLDING if memory.window.fold is FoldState.PENDING else IDLE
