"""Taking over runs of silent workers, over a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat.runs.answering import Answering
from chat.runs.lapsed import LapsedRuns
from chat.runs.log import RunLog
from chat.runs.process import ProcessRuns
from chat.turns.turn import Persona
from tests.chat.runs.faulty import AWAY, FaultyLog, begun
from tests.support.ports import ControlledModel, FailingMemory
from tests.support.servers import PATIENCE


class Survivor:
    """A process that takes runs over."""

    def __init__(self, log: RunLog) -> None:
        self.model = ControlledModel()
        self.here = ProcessRuns(log, lambda: None)
        self.taken_over = 0
        answering = Answering(log, FailingMemory(), self.model, Persona("", 4000), "web.2")
        self.lapsed = LapsedRuns(log, answering, self.here, self.count)

    def count(self) -> None:
        self.taken_over += 1


@pytest.fixture
async def survivor(lapsing: RunLog) -> AsyncIterator[Survivor]:
    """A process for which every run has lapsed."""
    survivor = Survivor(lapsing)
    yield survivor
    await survivor.here.abandon()


async def test_a_sweep_goes_on_with_every_lapsed_run(lapsing: RunLog, survivor: Survivor) -> None:
    """Every lapsed run continues as its next generation, asking the model again."""
    await begun(lapsing, "lost")
    await survivor.lapsed.sweep()
    run = survivor.here.find("owner.s1", "t1")
    assert run is not None
    assert (run.generation, run.turn.worker, run.turn.text) == (2, "web.2", "hi")
    assert survivor.taken_over == 1
    async with asyncio.timeout(10 * PATIENCE):
        await survivor.model.asked.wait()


async def test_a_run_taken_over_elsewhere_is_left_alone(lapsing: RunLog, survivor: Survivor) -> None:
    """A run that another worker has taken over is left to it."""
    await begun(lapsing)
    await lapsing.take_over("owner.s1", "t1", 1)
    await survivor.lapsed.take_over("owner.s1", "t1", 1)
    assert survivor.here.find("owner.s1", "t1") is None
    assert survivor.taken_over == 0


async def test_a_process_that_leaves_takes_nothing_over(lapsing: RunLog, survivor: Survivor) -> None:
    """A process that shuts down takes nothing over, although its own readers see its runs lapse."""
    await begun(lapsing)
    survivor.lapsed.leave()
    await survivor.lapsed.sweep()
    assert survivor.here.find("owner.s1", "t1") is None
    assert await lapsing.lapsed() == [("owner.s1", "t1", 1)]


@pytest.mark.parametrize("fault", [AWAY, ValueError("nobody foresaw it")])
async def test_sweeping_goes_on_after_an_error(faulty: FaultyLog, fault: Exception) -> None:
    """Sweeping continues after an error."""
    survivor = Survivor(faulty)
    await begun(faulty)
    await faulty.abandon((await begun(faulty)).batch([]))
    faulty.lease, faulty.faults = 0.01, [fault, fault]
    sweeping = asyncio.create_task(survivor.lapsed.keep_sweeping())
    async with asyncio.timeout(10 * PATIENCE):
        await survivor.model.asked.wait()
    sweeping.cancel()
    await survivor.here.abandon()
