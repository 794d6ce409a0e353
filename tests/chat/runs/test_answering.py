"""The work of a run's task, over a real Valkey."""

from __future__ import annotations

import os

import pytest

from chat.domain.events import Event, TextDelta, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.runs.answering import Answering
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.records import Claim
from chat.turns.turn import Persona
from tests.chat.runs.faulty import AWAY, SESSION, STARTED, FaultyLog, begun
from tests.support.ports import ControlledModel, FailingMemory


@pytest.fixture
def memory() -> FailingMemory:
    """The session's memory."""
    return FailingMemory()


@pytest.fixture
def model() -> ControlledModel:
    """A model that says "Hi"."""
    model = ControlledModel()
    model.say("Hi")
    model.end()
    return model


def answering(log: RunLog, memory: FailingMemory, model: ControlledModel) -> Answering:
    return Answering(log, memory, model, Persona("", 4000), "web.2")


async def claimed(log: RunLog, reply: str, *, stopped: bool) -> tuple[LiveRun, Claim]:
    run = await begun(log)
    return run, Claim(SESSION, "t1", 1, "hi", reply, stopped)


def test_a_turn_names_its_worker_and_its_process(log: RunLog, memory: FailingMemory, model: ControlledModel) -> None:
    """A turn names its worker and process, for the page to show."""
    turn = answering(log, memory, model).turn(SESSION, "t1", "hi")
    assert (turn.worker, turn.pid) == ("web.2", os.getpid())


async def test_a_reply_is_written_down_before_it_is_appended(
    faulty: FaultyLog, memory: FailingMemory, model: ControlledModel
) -> None:
    """The reply is recorded before the append, with retries while Redis is unreachable."""
    run = await begun(faulty)
    faulty.faults = [AWAY, AWAY]
    events = [event async for event in answering(faulty, memory, model).answer(run)]
    assert events[-1] == TurnFinished("Hi")
    assert faulty.faults == []
    assert not await faulty.stop("owner.s1", "t1")  # it is too late


@pytest.mark.parametrize(
    ("reply", "stopped", "ended"),
    [
        ("Hi", False, TurnFinished("Hi")),
        ("Hi", True, TurnStopped("Hi")),
        ("", True, TurnStopped("", remembered=False)),
    ],
)
async def test_a_reply_that_was_whole_is_appended_and_nothing_asked(
    log: RunLog, memory: FailingMemory, model: ControlledModel, reply: str, ended: Event, *, stopped: bool
) -> None:
    """A complete reply is only appended, and readers get the turn from its start."""
    run, claim = await claimed(log, reply, stopped=stopped)
    events = [event async for event in answering(log, memory, model).append_again(run, claim)]
    assert events == [TurnStarted("t1", "hi", "web.1", 42), TextDelta(reply), ended]
    assert (memory.appends, model.prompts) == (["t1"] if reply else [], [])


async def test_a_claim_without_a_word_is_a_silent_model(
    log: RunLog, memory: FailingMemory, model: ControlledModel
) -> None:
    """A claim with an empty reply is a failed turn, and nothing is appended."""
    run, claim = await claimed(log, "", stopped=False)
    *_, last = [event async for event in answering(log, memory, model).append_again(run, claim)]
    assert isinstance(last, TurnFailed)
    assert (last.code, memory.appends) == ("model_silent", [])
    assert STARTED in run.events
