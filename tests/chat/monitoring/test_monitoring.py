"""What this worker's metrics show besides its counts, and those of its siblings."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from chat.metrics import Metrics
from chat.monitoring.monitoring import Monitoring
from chat.sockets.present import PresentSockets
from chat.web.readiness import Readiness, ReadinessCheck
from tests.chat.sockets.test_present import Socket
from tests.support.ports import until


class Check:
    """Finds what the test says."""

    def __init__(self, found: Readiness) -> None:
        self.found = found

    async def look(self) -> Readiness:
        return self.found


class Parts:
    """Three runs are under way."""

    runs = (1, 2, 3)


def monitoring(folder: Path, found: Readiness, sockets: PresentSockets | None = None) -> Monitoring:
    """The monitoring of a worker with three runs."""
    parts: Any = Parts()
    check = cast(ReadinessCheck, Check(found))
    return Monitoring("web.1", folder, lambda: parts, Metrics(), sockets or PresentSockets(), check)


async def lines(shown: Monitoring) -> list[str]:
    """The samples of all workers."""
    return [line for family in await shown.gather() for line in family.samples]


async def test_what_is_under_way_is_shown(tmp_path: Path) -> None:
    """Runs, sockets by door, and counts, each with the worker's name."""
    sockets = PresentSockets()
    for each in (Socket("a"), Socket("b")):
        sockets.add(each)
    found = await lines(monitoring(tmp_path, Readiness("ok", "ok", "ok", draining=False), sockets))
    assert 'chat_runs{process="web.1"} 3' in found
    assert 'chat_sockets{process="web.1",door="page"} 2' in found
    assert 'chat_redis_outages_total{process="web.1"} 0' in found


async def test_each_part_is_up_or_not(tmp_path: Path) -> None:
    """The site is up if turns can be served. A model that was never called counts as up."""

    async def up(found: Readiness) -> list[str]:
        shown = await lines(monitoring(tmp_path, found))
        return [line[-3:] for line in shown if line.startswith("chat_up")]

    assert await up(Readiness("ok", "ok", "unknown", draining=False)) == ["1.0", "1.0", "1.0", "1.0"]
    assert await up(Readiness("unreachable", "ok", "failing", draining=False)) == ["0.0", "0.0", "1.0", "0.0"]
    assert await up(Readiness("ok", "refused", "ok", draining=False)) == ["0.0", "1.0", "0.0", "1.0"]
    assert await up(Readiness("ok", "ok", "ok", draining=True)) == ["0.0", "1.0", "1.0", "1.0"]


async def test_the_siblings_are_answered_while_it_works(tmp_path: Path) -> None:
    """The socket is there from the beginning of the work to its end."""
    working = asyncio.create_task(monitoring(tmp_path, Readiness("ok", "ok", "ok", draining=False)).work())

    def sockets() -> list[str]:
        return [each.name for each in tmp_path.iterdir() if not each.name.startswith(".")]

    async def listens() -> bool:
        return bool(sockets())

    await until(listens)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert sockets() == []
