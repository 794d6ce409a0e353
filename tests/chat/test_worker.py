"""A process sweeps while it lives, and lets go of everything at its end."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from chat import worker as module
from chat.components import Components
from chat.worker import Worker


class Parts:
    """Writes down what the worker does with a process's parts. ``stuck``: letting go of the runs never ends."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.runs = self
        self.stuck = stuck
        self.sweeps = 0
        self.done: list[str] = []

    async def keep_sweeping(self) -> None:
        self.sweeps += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.done.append("swept")

    async def abandon(self) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.done.append("abandoned")

    async def aclose(self) -> None:
        self.done.append("closed")


def worker_with(parts: Parts) -> Worker:
    return Worker(lambda: cast(Components, cast(Any, parts)))


async def test_a_worker_sweeps_from_its_beginning_to_its_end():
    """One sweep, however often it is begun; at the end its runs go, then its connections."""
    parts = Parts()
    worker = worker_with(parts)
    for _ in range(3):
        worker.begin()
    await asyncio.sleep(0)
    assert (parts.sweeps, parts.done) == (1, [])
    await worker.end()
    assert parts.done == ["swept", "abandoned", "closed"]


async def test_a_worker_that_never_began_ends_as_well():
    """A process may be stopped before its loop has begun the sweep."""
    parts = Parts()
    await worker_with(parts).end()
    assert parts.done == ["abandoned", "closed"]


async def test_the_end_does_not_wait_for_a_store_that_is_away(monkeypatch: pytest.MonkeyPatch):
    """The leases of what cannot be let go of lapse."""
    monkeypatch.setattr(module, "SHUTDOWN_TIMEOUT", 0.01)
    parts = Parts(stuck=True)
    await worker_with(parts).end()
    assert parts.done == []
