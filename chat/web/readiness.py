"""Whether this worker can serve turns: its store, its memory, and its model by how its last call ended.

On a Cluster that means turns at all, not those of every session: a node of sessions alone may be away. To take all
workers out of a proxy for it would end the other sessions' turns, too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from chat.components import Components, components
from chat.domain.exceptions import MemoryServerError, MemoryUnreachable, RunLogUnreachable

#: Seconds to wait for store and memory: less than the second for which Kubernetes waits.
PATIENCE = 0.8
#: Seconds for which an answer holds, however often it is asked for.
FRESH = 1.0

OK, UNREACHABLE, REFUSED = "ok", "unreachable", "refused"


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state of each part. The model does not count: a worker without turns would never learn that it is back."""

    store: str
    memory: str
    model: str
    draining: bool

    @property
    def status(self) -> str:
        """``ready``, ``draining``, or ``unready``."""
        if self.draining:
            return "draining"
        return "ready" if self.store == self.memory == OK else "unready"

    def shown(self) -> dict[str, str]:
        """The states by name, without addresses or reasons: anyone may ask."""
        return {"status": self.status, "store": self.store, "memory": self.memory, "model": self.model}


class ReadinessCheck:
    """Looks at the parts that ``parts`` returns, once in `FRESH` seconds at most. ``clock`` is in seconds."""

    def __init__(
        self, parts: Callable[[], Components] = components, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._looking: asyncio.Task[tuple[str, str]] | None = None
        self._looked = 0.0

    async def look(self) -> Readiness:
        """The present state."""
        if self._looking is None or (self._looking.done() and self._clock() - self._looked >= FRESH):
            self._looked = self._clock()
            self._looking = asyncio.create_task(self._look(), name="readiness")
        store, memory = await asyncio.shield(self._looking)
        parts = self._parts()
        return Readiness(store, memory, parts.last_calls.state, parts.runs.leaving)

    async def _look(self) -> tuple[str, str]:
        return await asyncio.gather(self._store(), self._memory())

    async def _store(self) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._parts().runs.check()
        except (RunLogUnreachable, TimeoutError):
            return UNREACHABLE
        return OK

    async def _memory(self) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._parts().memory.check()
        except (MemoryUnreachable, TimeoutError):
            return UNREACHABLE
        except MemoryServerError:
            return REFUSED
        return OK
