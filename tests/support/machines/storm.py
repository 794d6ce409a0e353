"""Kills while people talk: of any process, every few seconds; a primary that stays away; slots that move."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from tests.support.machines.nodes import Nodes
from tests.support.machines.parts import Part
from tests.support.machines.sites import Sites
from tests.support.ports import until

#: Seconds for a cluster to make up for a primary, and to be whole again.
HEALED = 60.0
#: Seconds after which another victim is drawn, where the one that was drawn may not be killed.
LOOK_AGAIN = 0.1
PROXY_WORKER = "proxy worker"


class Storm:
    """Ends processes of both sites, of the cluster and of the proxy. ``killed`` counts them by name.

    A node is killed only while the cluster is whole: without a majority of its primaries it stands still. With
    ``spare``, another worker or memory server is up whenever one is killed, so that a slow machine is not left with
    none.
    """

    def __init__(
        self, sites: Sites, nodes: Nodes, node_parts: list[Part], *, every: float, seed: int, spare: bool
    ) -> None:
        self.killed: Counter[str] = Counter()
        self._sites, self._nodes, self._parts, self._every = sites, nodes, node_parts, every
        self._draw, self._spare = random.Random(seed), spare
        #: Held while the cluster is to be left alone.
        self._cluster = asyncio.Lock()

    async def rage(self, enough: Callable[[], bool]) -> None:
        """Kill a random process every few seconds, until it is ``enough``."""
        while not enough():
            before = self.killed.total()
            while self.killed.total() == before and not enough():
                await self._kill_one()
                await asyncio.sleep(LOOK_AGAIN)
            await asyncio.sleep(self._every - LOOK_AGAIN)

    async def fail_over(self) -> None:
        """Kill a primary, and leave it down until its replica has taken its place."""
        async with self._cluster:
            await self._until_whole()
            primaries = await asyncio.to_thread(self._nodes.primaries)
            number = self._draw.choice(primaries)
            self._parts[number].kill(hold=True)
            self._note(self._parts[number].name)
            await until(lambda: asyncio.to_thread(self._nodes.replaced, number), HEALED)
            self._parts[number].release()
            await self._until_whole()

    async def reshard(self, slots: int) -> int:
        """Move slots from one primary to another. Returns how many of them have keys."""
        async with self._cluster:
            await self._until_whole()
            return await asyncio.to_thread(self._nodes.move_slots, slots)

    async def _kill_one(self) -> None:
        """Kill a random process that may be killed now. If the one that was drawn may not, kill none."""
        victims = [part for name, part in self._sites.parts.items() if name != "proxy" and not part.is_down]
        match self._draw.choice([*victims, *self._parts, None]):
            case None:
                self._kill_proxy_worker()
            case node if node in self._parts:
                await self._kill_node(node)
            case part if not self._spare or await self._has_twin(part):
                part.kill()
                self._note(part.name)

    def _kill_proxy_worker(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._draw.choice(self._sites.proxy_workers()), signal.SIGKILL)
            self._note(PROXY_WORKER)

    async def _kill_node(self, node: Part) -> None:
        if self._cluster.locked():
            return
        async with self._cluster:
            if await asyncio.to_thread(self._nodes.is_whole):
                node.kill()
                self._note(node.name)

    async def _has_twin(self, part: Part) -> bool:
        """Whether another of the same kind is up."""
        twins = [twin for twin in self._sites.of(kind_of(part.name)) if twin is not part]
        return any(await asyncio.gather(*(twin.is_ready() for twin in twins)))

    async def _until_whole(self) -> None:
        await until(lambda: asyncio.to_thread(self._nodes.is_whole), HEALED)

    def _note(self, name: str) -> None:
        self.killed[name] += 1


def kind_of(name: str) -> str:
    """What the process with this name is: web, memory, node or proxy worker."""
    return re.split(r"[.-]", name.rpartition(":")[2])[0]


async def at_least(count: Callable[[], int], wanted: int, seconds: float) -> None:
    """Return once the count has come so far."""

    async def reached() -> bool:
        return count() >= wanted

    await until(reached, seconds)
