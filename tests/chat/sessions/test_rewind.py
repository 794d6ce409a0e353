"""Withdrawing messages, over a real Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.domain.events import TurnFinished
from chat.domain.exceptions import MessageFolded, SaidSince, TurnInProgress
from chat.domain.messages import Message
from chat.runs.runs import Runs
from chat.sessions.rewind import rewind
from tests.chat.runs.test_runs import SESSION, read, worker
from tests.support.in_memory import DictBells
from tests.support.ports import ControlledModel, FailingMemory


@pytest.fixture
def memory() -> FailingMemory:
    """A memory with two exchanges in the session."""
    memory = FailingMemory()
    memory.seed(SESSION, *"abcd")
    return memory


@pytest.fixture
def model() -> ControlledModel:
    """The model of the runs."""
    return ControlledModel()


@pytest.fixture
async def runs(redis_url: str, memory: FailingMemory, model: ControlledModel) -> AsyncIterator[Runs]:
    """A worker's runs."""
    async with worker(redis_url, "one", memory, model) as runs:
        yield runs


def said(memory: FailingMemory) -> list[str]:
    return [message.content for message in memory.said(SESSION.memory_id)]


async def test_the_newest_messages_are_withdrawn(memory: FailingMemory, runs: Runs) -> None:
    """Everything behind the named message is gone, and open pages look again."""
    bells = DictBells()
    await rewind(SESSION, "2", memory, runs, bells)
    assert said(memory) == ["a", "b"]
    assert bells.rung == [SESSION]


async def test_a_replacement_is_taken_back_once(memory: FailingMemory, runs: Runs) -> None:
    """The old exchange comes back in place of the new one; a repetition of the request changes nothing."""
    old = [Message("Human", "c"), Message("AI", "d")]
    for _ in range(2):
        await rewind(SESSION, "2", memory, runs, DictBells(), instead=old, request_id="undo-1")
    assert said(memory) == ["a", "b", "c", "d"]


async def test_nothing_is_withdrawn_under_an_answer(memory: FailingMemory, model: ControlledModel, runs: Runs) -> None:
    """The answer's prompt has the messages, so they stay until it has ended."""
    await runs.start(SESSION, "e", "t1", visitor="v")
    with pytest.raises(TurnInProgress):
        await rewind(SESSION, "0", memory, runs, DictBells())
    model.say("f")
    model.end()
    assert isinstance((await read(runs))[-1].event, TurnFinished)
    assert said(memory) == list("abcdef")


async def test_an_answer_that_was_withdrawn_cannot_be_replayed(
    memory: FailingMemory, model: ControlledModel, runs: Runs
) -> None:
    """The run log forgets the answer along with the memory."""
    await runs.start(SESSION, "e", "t1", visitor="v")
    model.say("f")
    model.end()
    await read(runs)
    await rewind(SESSION, "4", memory, runs, DictBells())
    assert await runs.current(SESSION) is None


async def test_what_was_said_since_stays(memory: FailingMemory, runs: Runs) -> None:
    """Who has seen an older message as the newest does not mean those behind it."""
    with pytest.raises(SaidSince):
        await rewind(SESSION, "0", memory, runs, DictBells(), newest="3")
    assert said(memory) == list("abcd")
    await rewind(SESSION, "2", memory, runs, DictBells(), newest="4")
    assert said(memory) == ["a", "b"]
    await rewind(SESSION, "0", memory, runs, DictBells())
    with pytest.raises(SaidSince):
        await rewind(SESSION, "0", memory, runs, DictBells(), newest="2")


async def test_folded_messages_stay(memory: FailingMemory, runs: Runs) -> None:
    """A rewind behind a fold is refused."""
    await memory.fold(SESSION.memory_id, through="2")
    with pytest.raises(MessageFolded):
        await rewind(SESSION, "1", memory, runs, DictBells())
