"""Deleting sessions, over a real Valkey: what is stopped, told and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.bells import Bells
from chat.deletion import delete_session, delete_sessions
from chat.events import TextDelta, TurnStopped
from chat.exceptions import MemoryUnreachable, TurnInProgress
from chat.messages import Message
from chat.runkeys import bell_of
from chat.runs import Runs
from chat.sessions import Session
from tests.chat.ports import DictMemory, ToldModel
from tests.chat.test_runs import SESSION, fall_asleep, read, read_until, worker
from tests.servers import PATIENCE


class DeletingMemory(DictMemory):
    """A memory that forgets, unless it is away for the session."""

    def __init__(self) -> None:
        super().__init__()
        self.away_for: set[str] = set()

    async def delete_memory(self, session: Session) -> None:
        if session.memory_id in self.away_for:
            raise MemoryUnreachable
        self.messages.pop(session.memory_id, None)


@pytest.fixture
def memory() -> DeletingMemory:
    """What the sessions of a test remember."""
    return DeletingMemory()


@pytest.fixture
def model() -> ToldModel:
    """The model of the runs."""
    return ToldModel()


@pytest.fixture
async def runs(redis_url: str, memory: DeletingMemory, model: ToldModel) -> AsyncIterator[Runs]:
    """A worker's runs."""
    async with worker(redis_url, "one", memory, model) as runs:
        yield runs


@pytest.fixture
async def bells(redis_url: str) -> AsyncIterator[Bells]:
    """The bells of another process."""
    client = Redis.from_url(redis_url, socket_timeout=None)
    bells = Bells(client)
    yield bells
    await bells.aclose()
    await client.aclose()


async def test_an_answer_under_way_is_stopped_first(
    runs: Runs, bells: Bells, memory: DeletingMemory, model: ToldModel
) -> None:
    """The run ends as stopped, and what it remembers is deleted with the rest."""
    model.say("half an ans")
    await runs.start(SESSION, "hi im bob", "t1", visitor="v")
    await model.asked.wait()
    await delete_session(SESSION, memory, runs, bells)
    assert isinstance((await read(runs))[-1].event, TurnStopped)
    assert not memory.messages[SESSION.memory_id]


async def test_the_answer_of_a_dead_worker_does_not_bring_the_session_back(
    runs: Runs, bells: Bells, memory: DeletingMemory, model: ToldModel, redis_url: str
) -> None:
    """It is taken over and ended first: what was heard of it is appended before the deletion, not after."""
    async with worker(redis_url, "two", memory, model) as survivor:
        await runs.start(SESSION, "hi im bob", "t1", visitor="v")
        model.say("half an ans")
        await read_until(survivor, TextDelta("half an ans"))
        fall_asleep(runs)
        await delete_session(SESSION, memory, survivor, bells)
        assert isinstance((await read(survivor))[-1].event, TurnStopped)
    assert memory.appends == ["t1"]
    assert not memory.messages[SESSION.memory_id]


async def test_a_session_whose_answer_cannot_be_stopped_is_not_deleted(
    runs: Runs, bells: Bells, memory: DeletingMemory, model: ToldModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its append might come afterwards. Whoever deletes is told to try again."""
    monkeypatch.setattr("chat.deletion.STOPPING", 0)
    memory.append_gate = asyncio.Event()
    memory.messages[SESSION.memory_id].append(Message("Human", "before"))
    await runs.start(SESSION, "hi im bob", "t1", visitor="v")
    model.say("Hi")
    await read_until(runs, TextDelta("Hi"))
    with pytest.raises(TurnInProgress):
        await delete_session(SESSION, memory, runs, bells)
    assert memory.messages[SESSION.memory_id]
    memory.append_gate.set()
    await read(runs)


async def test_other_pages_are_told(runs: Runs, bells: Bells, memory: DeletingMemory) -> None:
    """Whoever shows the session hears that there is news."""
    with bells.listen(bell_of(SESSION.memory_id)) as bell:
        await bell.wait(10 * PATIENCE)  # the subscription stands
        await delete_session(SESSION, memory, runs, bells)
        async with asyncio.timeout(10 * PATIENCE):
            await bell.wait(60)


async def test_one_that_cannot_be_deleted_does_not_keep_the_others(
    runs: Runs, bells: Bells, memory: DeletingMemory
) -> None:
    """Each session has its own outcome, in the order asked for."""
    sessions = [Session(f"s{number}") for number in range(25)]
    memory.away_for.add("s3")
    outcomes = await delete_sessions(sessions, memory, runs, bells)
    assert [number for number, error in enumerate(outcomes) if error is not None] == [3]
    assert isinstance(outcomes[3], MemoryUnreachable)
