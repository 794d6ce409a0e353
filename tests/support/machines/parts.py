"""The processes of several machines, each started again whenever it has ended, as by a container runtime."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx

from tests.support.ports import until
from tests.support.servers import Server

#: Seconds between looks at the processes, and before another try of a start that failed.
LOOK_AGAIN, REST = 0.1, 1.0
#: Seconds for a process to be ready, on a quiet machine.
READY = 60.0


@dataclass(eq=False)
class Part:
    """One process. ``starts`` starts it on its address without waiting; ``ready`` is the path that says it is up.

    ``ended_by_itself`` has the exit status of each end that nobody asked for.
    """

    name: str
    starts: Callable[[], Server]
    ready: str = ""
    ended_by_itself: list[int] = field(default_factory=list)
    #: While it is held, it stays down.
    held: bool = False

    def __post_init__(self) -> None:
        self.server = self.starts()
        self._asked_to_end = False

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.server.process.pid

    @property
    def is_down(self) -> bool:
        """Whether its process has ended."""
        return self.server.process.poll() is not None

    def kill(self, *, hold: bool = False) -> None:
        """End it without warning, and with ``hold`` leave it down until `release`."""
        self.held, self._asked_to_end = hold, True
        self.server.kill()

    def terminate(self) -> None:
        """Ask it to end. It is started again once it has."""
        self._asked_to_end = True
        self.server.process.send_signal(signal.SIGTERM)

    def release(self) -> None:
        """Let it be started again."""
        self.held = False

    def start_again(self) -> bool:
        """Start it if it has ended. Returns whether it ended because somebody asked for it."""
        asked, self._asked_to_end = self._asked_to_end, False
        if not asked:
            self.ended_by_itself.append(self.server.process.returncode)
        self.server = self.starts()
        return asked

    async def is_ready(self) -> bool:
        """Whether it is up, and says so."""
        if self.is_down:
            return False
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            try:
                return (await client.get(f"{self.server.url}{self.ready}")).is_success
            except httpx.TransportError:
                return False


async def keep_up(parts: Iterable[Part]) -> None:
    """Start each part again whenever it has ended, until cancelled."""

    async def keep(part: Part) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            if part.is_down and not part.held and not await asyncio.to_thread(part.start_again):
                await asyncio.sleep(REST)

    await asyncio.gather(*map(keep, parts))


async def all_ready(parts: Iterable[Part]) -> None:
    """Return once all of these are ready."""
    for part in parts:
        if part.ready:
            await until(part.is_ready, READY)


async def restart(*parts: Part) -> None:
    """Ask these to end, and return once others are ready in their places, which `keep_up` starts."""
    before = {part: part.pid for part in parts}
    for part in parts:
        part.terminate()

    async def replaced() -> bool:
        return all(part.pid != pid for part, pid in before.items())

    await until(replaced, READY)
    await all_ready(parts)
