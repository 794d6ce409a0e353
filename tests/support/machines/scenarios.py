"""Two sites under kills, and two sites that are restarted one after the other, while people talk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.cluster import Node
from tests.support.machines.ledger import Ledger, audit
from tests.support.machines.model import Scribe
from tests.support.machines.nodes import running_nodes
from tests.support.machines.parts import Part, all_ready, keep_up, restart
from tests.support.machines.people import Person, crowd, talk, turns_of
from tests.support.machines.sites import SITES, Sites, running_sites
from tests.support.machines.storm import Storm, at_least
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Server


@dataclass(frozen=True)
class Size:
    """How large a scenario is. ``pause``: the most seconds that a person takes between an answer and the next message.

    ``every``: seconds between two kills; ``seconds``: for the whole, at most; ``spare``: as in `Storm`. Turns of each,
    and kills, may be more.
    """

    people: int = 60
    turns: int = 8
    pause: float = 4.0
    every: float = 2.0
    kills: int = 20
    slots: int = 400
    seconds: float = 600.0
    seed: int = 1
    spare: bool = False


@dataclass
class Outcome:
    """What came of it. ``asked``: how often the model was asked for each reply; ``killed``: kills by name."""

    people: Sequence[Person]
    ledger: Ledger
    asked: Counter[str]
    killed: Counter[str] = field(default_factory=Counter)
    moved: int = 0
    #: Processes that ended although nobody asked for it, with their exit status.
    ended: dict[str, list[int]] = field(default_factory=dict)

    @property
    def failures(self) -> Counter[str]:
        """Turns that ended without an answer, by code."""
        return sum((person.failures for person in self.people), Counter())

    @property
    def unsure(self) -> int:
        """Replies that came with the remark that they are not remembered."""
        return sum(len(person.unsure) for person in self.people)


async def weather(folder: Path, size: Size) -> Outcome:
    """Kill any process every few seconds, fail a primary over and move slots, until all turns are remembered."""
    scribe = Scribe()
    lease = str(2 * PATIENCE)
    with ScriptedOpenAI(scribe) as model, running_nodes(folder, PATIENCE) as nodes:
        settings = {"CHAT_LEASE": lease, "CHAT_MEMORY_PATIENCE": "60", "MOTORHEAD_MAX_WINDOW_SIZE": "6"}
        with running_sites(folder, nodes.url, model.url, settings) as sites:
            node_parts = [_part_of(node, f"node-{number}") for number, node in enumerate(nodes.nodes)]
            async with up([*sites.parts.values(), *node_parts], size.seconds):
                people = crowd(size.people, size.turns, size.pause)
                storm = Storm(sites, nodes, node_parts, every=size.every, seed=size.seed, spare=size.spare)
                moved = await _through(storm, people, sites, size)
                await all_ready(sites.parts.values())
                ledger = await audit(people, sites)
            return Outcome(people, ledger, scribe.asked, storm.killed, moved, _ended(sites))


async def _through(storm: Storm, people: Sequence[Person], sites: Sites, size: Size) -> int:
    """Let people talk through the storm. Returns how many slots with keys were moved."""
    enough, wanted = asyncio.Event(), size.people * size.turns
    async with asyncio.TaskGroup() as group:
        talking = group.create_task(talk(people, sites, enough))
        group.create_task(storm.rage(talking.done))
        await at_least(lambda: turns_of(people), wanted // 8, size.seconds)
        moved = await storm.reshard(size.slots)
        await at_least(lambda: turns_of(people), wanted // 3, size.seconds)
        await storm.fail_over()
        await at_least(storm.killed.total, size.kills, size.seconds)
        enough.set()
    return moved


async def rolling(folder: Path, size: Size, drain: float = 20.0) -> Outcome:
    """Restart the web workers and the memory server of each site while people talk."""
    scribe = Scribe()
    with ScriptedOpenAI(scribe) as model, running_nodes(folder, PATIENCE) as nodes:
        settings = {"CHAT_DRAIN_SECONDS": f"{drain:g}", "MOTORHEAD_MAX_WINDOW_SIZE": "6"}
        with running_sites(folder, nodes.url, model.url, settings) as sites:
            async with up(sites.parts.values(), size.seconds):
                people, enough = crowd(size.people, size.turns, size.pause), asyncio.Event()
                async with asyncio.TaskGroup() as group:
                    group.create_task(talk(people, sites, enough))
                    await at_least(lambda: turns_of(people), size.people, size.seconds)
                    for site in SITES:
                        await restart(*sites.of(f"{site}:web"))
                        await restart(*sites.of(f"{site}:memory"))
                    enough.set()
                ledger = await audit(people, sites)
            return Outcome(people, ledger, scribe.asked, ended=_ended(sites))


def _ended(sites: Sites) -> dict[str, list[int]]:
    return {name: part.ended_by_itself for name, part in sites.parts.items() if part.ended_by_itself}


@asynccontextmanager
async def up(parts: Collection[Part], seconds: float) -> AsyncIterator[None]:
    """All of these ready and kept up inside the block, which takes ``seconds`` at most."""
    keeping = asyncio.create_task(keep_up(parts))
    try:
        async with asyncio.timeout(seconds):
            await all_ready(parts)
            yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def _part_of(node: Node, name: str) -> Part:
    def starts() -> Server:
        if node.server.process.poll() is not None:
            node.start()
        return node.server

    return Part(name, starts)
