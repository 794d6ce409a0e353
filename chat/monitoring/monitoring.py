"""What this worker's metrics show besides its counts, and the metrics of all workers of the data folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings

from chat.components import Components, components
from chat.metrics import Metrics, metrics
from chat.sockets.present import PresentSockets, present_sockets
from chat.web.readiness import OK, Readiness, ReadinessCheck
from telemetry.exposition import Family
from telemetry.loop_lag import watch_loop
from telemetry.metrics import Registry
from telemetry.siblings import Siblings


class Monitoring:
    """The metrics of the worker with this name. ``folder``: where those of this site on this machine find each other.

    ``parts`` returns the components to use, by default this process's.
    """

    def __init__(
        self,
        worker: str,
        folder: Path,
        parts: Callable[[], Components] = components,
        counted: Metrics | None = None,
        sockets: PresentSockets | None = None,
        check: ReadinessCheck | None = None,
    ) -> None:
        self._own = {"process": worker}
        self._counted = counted or metrics()
        self._check = check or ReadinessCheck(parts)
        self._found: Readiness | None = None
        self._siblings = Siblings(folder, self.collect)
        self._present = present = Registry()
        present.gauge("chat_up", "Whether the part works: 1 or 0.", self._up, "part")
        present.gauge("chat_runs", "Turns that are being answered here.", lambda: len(parts().runs))
        present.gauge("chat_sockets", "Open websockets.", (sockets or present_sockets()).by_door, "door")

    async def work(self) -> None:
        """Answer the siblings and watch the event loop, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._siblings.keep_answering())
            group.create_task(watch_loop(self._counted.loop_lag.observe))

    async def collect(self) -> list[Family]:
        """The metrics of this worker."""
        self._found = await self._check.look()
        return self._present.families(self._own) + self._counted.registry.families(self._own)

    async def gather(self) -> list[Family]:
        """The metrics of all workers, those of this one first."""
        return await self._siblings.gather()

    def _up(self) -> dict[tuple[str, ...], float]:
        """Whether turns can be served, and whether store, memory and model work; a model not called yet does."""
        found = self._found
        if found is None:
            return {}
        parts = {"site": found.status == "ready", "store": found.store == OK, "memory": found.memory == OK}
        parts["model"] = found.model != "failing"
        return {(name,): float(works) for name, works in parts.items()}


@cache
def monitoring() -> Monitoring:
    """This process's monitoring."""
    return Monitoring(settings.CHAT_WORKER, settings.DATA / "metrics")
