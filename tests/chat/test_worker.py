"""A worker sweeps while it runs, and releases everything when it shuts down."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from chat import worker as module
from chat.components import Components
from chat.sockets.present import PresentSockets
from chat.worker import Worker
from tests.chat.sockets.test_present import Socket


class Parts:
    """Records the worker's calls to its components. ``stuck``: releasing the runs never ends."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.runs = self
        self.stuck = stuck
        self.owners: set[str] = set()
        self.sweeps = 0
        self.done: list[str] = []

    async def keep_sweeping(self) -> None:
        self.sweeps += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.done.append("swept")

    def leave(self) -> None:
        self.done.append("left")

    async def abandon(self) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.done.append("abandoned")

    async def aclose(self) -> None:
        self.done.append("closed")


def worker_with(parts: Parts, sockets: PresentSockets | None = None, patience: float = 0.0) -> Worker:
    present = sockets or PresentSockets()
    return Worker(lambda: cast(Components, cast(Any, parts)), patience=patience, sockets=lambda: present)


async def test_a_worker_sweeps_from_its_beginning_to_its_end():
    """Only one sweep is started; at the end the runs are released, then the connections closed."""
    parts = Parts()
    worker = worker_with(parts)
    for _ in range(3):
        worker.begin()
    await asyncio.sleep(0)
    assert (parts.sweeps, parts.done) == (1, [])
    await worker.end()
    assert parts.done == ["left", "swept", "abandoned", "closed"]


async def test_a_worker_gives_signs_of_life():
    """They begin and end with it."""
    signs: list[str] = []

    async def lifesigns() -> None:
        signs.append("lives")
        try:
            await asyncio.Event().wait()
        finally:
            signs.append("ended")

    parts = cast(Components, cast(Any, Parts()))
    worker = Worker(lambda: parts, lifesigns, sockets=PresentSockets)
    worker.begin()
    await asyncio.sleep(0)
    assert signs == ["lives"]
    await worker.end()
    assert signs == ["lives", "ended"]


async def test_a_worker_that_never_began_ends_as_well():
    """A worker can end without having begun."""
    parts = Parts()
    await worker_with(parts).end()
    assert parts.done == ["left", "abandoned", "closed"]


async def test_the_end_does_not_wait_for_a_store_that_is_away(monkeypatch: pytest.MonkeyPatch):
    """Shutting down does not wait for an unreachable Redis; the leases lapse instead."""
    monkeypatch.setattr(module, "SHUTDOWN_TIMEOUT", 0.01)
    parts = Parts(stuck=True)
    await worker_with(parts).end()
    assert parts.done == ["left"]


async def test_a_draining_worker_waits_for_the_runs_under_way(monkeypatch: pytest.MonkeyPatch):
    """Sockets of others are closed at once, those of a run's owner when it has ended; nothing is released before."""
    monkeypatch.setattr(module, "LOOK_AGAIN", 0.01)
    parts, sockets, busy, idle = Parts(), PresentSockets(), Socket("a"), Socket("b")
    parts.owners = {"a"}
    for each in (busy, idle):
        sockets.add(each)
    draining = asyncio.create_task(worker_with(parts, sockets, patience=60).drain())
    while idle.closed is None:  # noqa: ASYNC110 - the worker looks from time to time as well
        await asyncio.sleep(0)
    assert sockets.leaving
    assert (busy.closed, draining.done(), parts.done) == (None, False, ["left"])
    parts.owners = set()
    await draining
    assert busy.closed is not None


async def test_a_draining_worker_does_not_wait_for_longer_than_it_may():
    """The runs that are left are released, and their sockets closed."""
    parts, sockets, busy = Parts(), PresentSockets(), Socket("a")
    parts.owners = {"a"}
    sockets.add(busy)
    await worker_with(parts, sockets).end()
    assert busy.closed is not None
    assert parts.done == ["left", "abandoned", "closed"]
