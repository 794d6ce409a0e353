"""The tasks of runs, over a real Valkey, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import pytest

from chat.domain.events import Event, TextDelta, TurnFailed, TurnFinished
from chat.domain.exceptions import RunFenced
from chat.domain.reports import TurnReport
from chat.runs.live import LiveRun
from chat.runs.process import ProcessRuns
from chat.turns.recorder import TurnRecorder
from tests.chat.runs.faulty import AWAY, STARTED, TURN, FaultyLog, begun
from tests.support.servers import PATIENCE


class Work:
    """Yields ``events``, pausing before the last one, or raises ``error`` in its place."""

    def __init__(self, *events: Event, error: Exception | None = None) -> None:
        self.events = events
        self.error = error
        self.gate = asyncio.Event()

    async def do(self) -> AsyncGenerator[Event]:
        for event in self.events[:-1]:
            yield event
        await self.gate.wait()
        if self.error:
            raise self.error
        yield self.events[-1]


WHOLE = (STARTED, TextDelta("Hi"), TurnFinished("Hi"))


class Here:
    """The runs of a process, and how often it became idle."""

    def __init__(self, log: FaultyLog) -> None:
        self.idle = asyncio.Event()
        self.reports: list[TurnReport] = []
        self.runs = ProcessRuns(log, self.idle.set, self.reports.append)

    async def carry_out(self, run: LiveRun, work: Work) -> None:
        self.runs.launch(run, work.do())
        work.gate.set()
        async with asyncio.timeout(10 * PATIENCE):
            await self.idle.wait()


@pytest.fixture
async def here(faulty: FaultyLog) -> AsyncIterator[Here]:
    """A process without runs."""
    here = Here(faulty)
    yield here
    await here.runs.abandon()


async def test_a_run_is_found_while_it_goes_on(here: Here, faulty: FaultyLog) -> None:
    """An active run is found by session and turn, and the end of the last one is reported."""
    run, work = await begun(faulty), Work(*WHOLE)
    here.runs.launch(run, work.do())
    assert here.runs.find("owner.s1", "t1") is run
    assert here.runs.find("owner.s1", "t2") is None
    work.gate.set()
    async with asyncio.timeout(10 * PATIENCE):
        await here.idle.wait()
    assert here.runs.find("owner.s1", "t1") is None
    assert run.events == list(WHOLE)
    assert run.closed


async def test_the_end_is_written_before_it_is_seen(here: Here, faulty: FaultyLog) -> None:
    """A run's end is written before readers see it, with retries while Redis is unreachable."""
    run = await begun(faulty)
    faulty.faults = [AWAY, AWAY]
    await here.carry_out(run, Work(*WHOLE))
    assert run.seen == 3
    stretch = await faulty.read("owner.s1", "t1", 1, -1)
    assert stretch is not None
    assert (stretch.events, stretch.ended) == (list(WHOLE), True)


async def test_each_end_is_reported_once(here: Here, faulty: FaultyLog) -> None:
    """Also that of an unforeseen error, but not of a run that ends elsewhere."""
    for error in (None, ValueError("a fault"), RunFenced()):
        here.idle.clear()
        run = await begun(faulty, turn=replace(TURN, turn_id=f"t{len(here.reports)}"))
        run.recorder = TurnRecorder(run.turn, "gpt")
        faulty.faults = [AWAY]
        await here.carry_out(run, Work(*WHOLE, error=error))
        faulty.faults = []
    assert [(report.outcome, report.code) for report in here.reports] == [("answered", ""), ("failed", "internal")]
    assert len(here.runs) == 0


async def test_an_unforeseen_error_is_a_failed_turn(
    here: Here, faulty: FaultyLog, caplog: pytest.LogCaptureFixture
) -> None:
    """An unforeseen error becomes a failed turn with a sentence, and is logged."""
    run = await begun(faulty)
    await here.carry_out(run, Work(*WHOLE, error=ValueError("a fault")))
    assert run.events[-1] == TurnFailed("internal", "Something went wrong here. Try again.", True)
    assert "a fault" in caplog.text


async def test_a_run_that_is_another_workers_ends_in_silence(here: Here, faulty: FaultyLog) -> None:
    """A fenced run ends without a terminal event, and its readers continue with the log."""
    run = await begun(faulty)
    await here.carry_out(run, Work(*WHOLE, error=RunFenced()))
    assert run.closed
    assert run.events == list(WHOLE[:2])
    state = await faulty.state("owner.s1")
    assert state is not None
    assert not state.ended


async def test_runs_that_are_abandoned_can_be_taken_over_at_once(here: Here, faulty: FaultyLog) -> None:
    """Abandoned runs, whose tasks have ended, can be taken over at once."""
    run = await begun(faulty)
    here.runs.launch(run, Work(*WHOLE).do())
    await here.runs.abandon()
    assert run.task is not None
    assert run.task.cancelled()
    assert await faulty.lapsed() == [("owner.s1", "t1", 1)]


async def test_a_run_takes_the_place_of_the_one_that_slept(here: Here, faulty: FaultyLog) -> None:
    """A process that slept through a lease can take over its own run."""
    former, latter = await begun(faulty), LiveRun((await begun(faulty)).turn, generation=2)
    here.runs.launch(former, Work(*WHOLE).do())
    here.runs.launch(latter, Work(*WHOLE).do())
    assert former.closed
    assert here.runs.find("owner.s1", "t1") is latter
