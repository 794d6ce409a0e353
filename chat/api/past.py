"""What is remembered of a session, for a client that may not know it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from chat.domain.messages import Memory
from chat.domain.runs import Entry
from chat.domain.session_ids import Session
from chat.sessions.history import History, history
from chat.turns.ports import MemoryPort, RunsPort

#: The most messages of a client's whole history; older ones come page by page.
NEWEST = 200


@dataclass(frozen=True, slots=True)
class Past:
    """The past of ``session``, loaded when it is asked for."""

    session: Session
    memory: MemoryPort
    runs: RunsPort

    async def history(self) -> History:
        """The newest messages. Raises `MemoryServerError`, `RunLogUnreachable`."""
        return await history(self.session, None, NEWEST, self.memory, self.runs)

    async def remembered(self) -> Memory:
        """The memory as it is now. Raises `MemoryServerError`."""
        return await self.memory.get_memory(self.session.memory_id)


async def no_entries() -> AsyncGenerator[Entry]:
    """The entries of a session that has no answer to replay."""
    nothing: tuple[Entry, ...] = ()
    for entry in nothing:
        yield entry
