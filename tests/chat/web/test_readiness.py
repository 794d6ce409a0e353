"""Whether a worker can serve turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chat.domain.exceptions import MemoryRefused, MemoryUnreachable, RunLogUnreachable
from chat.model.last_calls import LastCalls
from chat.web import readiness
from chat.web.readiness import Readiness, ReadinessCheck


class Parts:
    """A store and a memory that answer, fail or hang as the test decides; ``looks`` counts how often they are asked."""

    def __init__(self) -> None:
        self.runs, self.memory = self, SimpleNamespace(check=self.check_memory)
        self.last_calls = LastCalls()
        self.store_fails: Exception | None = None
        self.memory_fails: Exception | None = None
        self.hangs = False
        self.leaving = False
        self.looks = 0

    async def check(self) -> None:
        self.looks += 1
        if self.store_fails:
            raise self.store_fails

    async def check_memory(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.memory_fails:
            raise self.memory_fails


def check_of(parts: Parts, clock: Callable[[], float] = lambda: 0.0) -> ReadinessCheck:
    made: Any = parts
    return ReadinessCheck(lambda: made, clock)


async def test_a_worker_with_all_its_parts_is_ready():
    """Of a model that was never called, nothing is known."""
    assert await check_of(Parts()).look() == Readiness("ok", "ok", "unknown", draining=False)


async def test_each_part_has_its_state(monkeypatch: pytest.MonkeyPatch):
    """Parts that hang count as unreachable, a memory that refuses the token does not."""
    parts = Parts()
    parts.store_fails, parts.memory_fails = RunLogUnreachable(), MemoryRefused(401)
    parts.last_calls.succeeded()
    assert await check_of(parts).look() == Readiness("unreachable", "refused", "ok", draining=False)
    parts.memory_fails = MemoryUnreachable()
    assert (await check_of(parts).look()).memory == "unreachable"
    monkeypatch.setattr(readiness, "PATIENCE", 0.01)
    parts.hangs = True
    assert (await check_of(parts).look()).memory == "unreachable"


async def test_many_questions_are_one_look():
    """Anyone may ask, so the parts are asked once a second at most."""
    parts, now = Parts(), SimpleNamespace(seconds=0.0)
    check = check_of(parts, lambda: now.seconds)
    await asyncio.gather(*(check.look() for _ in range(5)))
    await check.look()
    assert parts.looks == 1
    now.seconds = readiness.FRESH
    await check.look()
    assert parts.looks == 2


async def test_a_worker_that_drains_says_so():
    """At once, although its parts were looked at a moment ago."""
    parts = Parts()
    check = check_of(parts)
    assert (await check.look()).status == "ready"
    parts.leaving = True
    assert (await check.look()).status == "draining"
