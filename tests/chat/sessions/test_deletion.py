"""Deleting sessions, over a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.domain.events import Restarted, TextDelta, TurnFinished, TurnStopped
from chat.domain.exceptions import MemoryUnreachable, RunUnknown, TurnInProgress
from chat.domain.runs import Entry
from chat.domain.session_ids import Session
from chat.grants.shares import Shares
from chat.runs.bells import Bells
from chat.runs.log import RETENTION
from chat.runs.runs import Runs
from chat.sessions.deletion import delete_session, delete_sessions, stop_all
from tests.chat.runs.test_runs import SESSION, fall_asleep, read, read_until, worker
from tests.support.links import process
from tests.support.ports import ControlledModel, FailingMemory
from tests.support.servers import PATIENCE


class DeletingMemory(FailingMemory):
    """A memory that is unreachable for some sessions, and waits for a task before deleting."""

    def __init__(self) -> None:
        super().__init__()
        self.away_for: set[str] = set()
        self.not_before: asyncio.Task[list[Entry]] | None = None

    async def delete_memory(self, session: Session) -> None:
        if self.not_before is not None:
            await asyncio.wait([self.not_before])
        if session.memory_id in self.away_for:
            raise MemoryUnreachable
        await super().delete_memory(session)


@pytest.fixture
def memory() -> DeletingMemory:
    """The memory of the test's sessions."""
    return DeletingMemory()


@pytest.fixture
def model() -> ControlledModel:
    """The model of the runs."""
    return ControlledModel()


@pytest.fixture
async def runs(redis_url: str, memory: DeletingMemory, model: ControlledModel) -> AsyncIterator[Runs]:
    """A worker's runs."""
    async with worker(redis_url, "one", memory, model) as runs:
        yield runs


@pytest.fixture
async def bells(redis_url: str) -> AsyncIterator[Bells]:
    """The bells of another process."""
    async with process(redis_url) as worker:
        yield worker.bells


@pytest.fixture
async def shares(redis_url: str) -> AsyncIterator[Shares]:
    """The share links of all sessions."""
    async with process(redis_url) as worker:
        yield Shares(worker.store)


async def test_an_answer_under_way_is_stopped_first(
    runs: Runs, bells: Bells, shares: Shares, memory: DeletingMemory, model: ControlledModel
) -> None:
    """The run is stopped first, and what it appends is deleted too."""
    model.say("half an ans")
    await runs.start(SESSION, "hi im bob", "t1", visitor="v")
    await model.asked.wait()
    listening = asyncio.create_task(read(runs))
    await delete_session(SESSION, memory, runs, bells, shares)
    assert isinstance((await listening)[-1].event, TurnStopped)
    assert not memory.said(SESSION.memory_id)


async def test_the_answer_of_a_dead_worker_does_not_bring_the_session_back(
    runs: Runs, bells: Bells, shares: Shares, memory: DeletingMemory, model: ControlledModel, redis_url: str
) -> None:
    """A dead worker's run is taken over and ended first, so that its append comes before the deletion."""
    async with worker(redis_url, "two", memory, model) as survivor:
        await runs.start(SESSION, "hi im bob", "t1", visitor="v")
        model.say("half an ans")
        await read_until(survivor, TextDelta("half an ans"))
        fall_asleep(runs)
        memory.not_before = listening = asyncio.create_task(read(survivor))  # afterwards there is nothing to read
        await delete_session(SESSION, memory, survivor, bells, shares)
        assert isinstance((await listening)[-1].event, TurnStopped)
    assert memory.appends == ["t1"]
    assert not memory.said(SESSION.memory_id)


async def test_a_session_whose_answer_cannot_be_stopped_is_not_deleted(
    runs: Runs,
    bells: Bells,
    shares: Shares,
    memory: DeletingMemory,
    model: ControlledModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the answer cannot be stopped the session is not deleted, since an append might follow."""
    monkeypatch.setattr("chat.sessions.deletion.STOPPING", 0)
    memory.append_gate = asyncio.Event()
    memory.seed(SESSION, "before")
    await runs.start(SESSION, "hi im bob", "t1", visitor="v")
    model.say("Hi")
    await read_until(runs, TextDelta("Hi"))
    with pytest.raises(TurnInProgress):
        await delete_session(SESSION, memory, runs, bells, shares)
    assert memory.said(SESSION.memory_id)
    memory.append_gate.set()
    await read(runs)


async def test_nothing_of_what_was_answered_can_be_read_any_more(
    runs: Runs, bells: Bells, shares: Shares, memory: DeletingMemory, model: ControlledModel, redis_url: str
) -> None:
    """After a deletion no answer can be replayed, and no Redis key is left."""
    model.say("one")
    model.end()
    await runs.start(SESSION, "first", "t1", visitor="v")
    await read(runs)
    async with worker(redis_url, "two", memory, model) as survivor:
        await runs.start(SESSION, "second", "t:2", visitor="v")
        model.say("two")
        await read_until(survivor, TextDelta("two"), "t:2")
        fall_asleep(runs)
        await read_until(survivor, Restarted(), "t:2")
        model.say("two")
        model.end()
        await read(survivor, "t:2")
    await delete_session(SESSION, memory, runs, bells, shares)
    assert await runs.current(SESSION) is None
    for turn_id in ("t1", "t:2"):
        with pytest.raises(RunUnknown):
            await read(runs, turn_id)
    async with Redis.from_url(redis_url) as client:
        assert [key async for key in client.scan_iter("chat:run:{*")] == []


async def test_the_same_message_is_answered_again_after_a_deletion(
    runs: Runs, bells: Bells, shares: Shares, memory: DeletingMemory, model: ControlledModel
) -> None:
    """After a deletion the same turn id begins a new turn."""
    for answer in ("before", "after"):
        model.say(answer)
        model.end()
        assert not (await runs.start(SESSION, "hi im bob", "t1", visitor="v")).ended
        assert (await read(runs))[-1].event == TurnFinished(answer)
        await delete_session(SESSION, memory, runs, bells, shares)


async def test_a_turn_that_began_since_is_left_alone(
    runs: Runs, memory: DeletingMemory, model: ControlledModel
) -> None:
    """Forgetting ended turns leaves an active one alone, even if its id was listed as ended."""
    model.say("before")
    model.end()
    await runs.start(SESSION, "hi", "t1", visitor="v")
    await read(runs)
    await runs.start(SESSION, "hi again", "t2", visitor="v")
    model.say("so far")
    await read_until(runs, TextDelta("so far"), "t2")
    await runs._log._store.ask("ZADD", "chat:run:{owner.s1}:endings", 1, "1:t2")
    await runs.forget(SESSION)
    with pytest.raises(RunUnknown):
        await read(runs, "t1")
    model.end()
    assert (await read(runs, "t2"))[-1].event == TurnFinished("so far", epoch="e1")


async def test_the_list_of_ended_turns_expires(runs: Runs, model: ControlledModel, redis_url: str) -> None:
    """The list of ended turns expires five minutes after the last one."""
    model.say("hello")
    model.end()
    await runs.start(SESSION, "hi", "t1", visitor="v")
    await read(runs)
    async with Redis.from_url(redis_url) as client:
        assert 0 < await client.pttl("chat:run:{owner.s1}:endings") <= RETENTION


async def test_other_pages_are_notified(runs: Runs, bells: Bells, shares: Shares, memory: DeletingMemory) -> None:
    """Listeners of a deleted session are notified."""
    with bells.listen(SESSION) as bell:
        await bell.wait(10 * PATIENCE)  # the subscription has been made
        await delete_session(SESSION, memory, runs, bells, shares)
        async with asyncio.timeout(10 * PATIENCE):
            await bell.wait(60)


async def test_one_that_cannot_be_deleted_does_not_keep_the_others(
    runs: Runs, bells: Bells, shares: Shares, memory: DeletingMemory
) -> None:
    """Each session has its own outcome, in the given order, even if another one cannot be deleted."""
    sessions = [Session(f"s{number}") for number in range(25)]
    memory.away_for.add("s3")
    outcomes = await delete_sessions(sessions, memory, runs, bells, shares)
    assert [number for number, error in enumerate(outcomes) if error is not None] == [3]
    assert isinstance(outcomes[3], MemoryUnreachable)


async def test_links_to_a_deleted_session_end(runs: Runs, bells: Bells, shares: Shares, memory: DeletingMemory) -> None:
    """Nothing of them is left in Redis."""
    mine = Session("owner.s1", "chat.owner")
    secret = await shares.add("owner", mine, "e1")
    await delete_session(mine, memory, runs, bells, shares)
    assert await shares.find(secret) is None
    assert await shares.list("owner") == []


async def test_all_answers_of_an_owner_are_stopped(runs: Runs, memory: DeletingMemory, model: ControlledModel) -> None:
    """Also in a session of which nothing is remembered yet; other owners' answers go on."""
    others = Session("other.s1", "chat.other")
    await runs.start(SESSION, "hi im bob", "t1", visitor="v")
    model.say("half an ans")
    await read_until(runs, TextDelta("half an ans"))
    await runs.start(others, "hi im eve", "t1", visitor="w")
    assert await runs.answering("owner") == [SESSION]
    assert await stop_all("owner", runs) == {}
    assert len(memory.said(SESSION.memory_id)) == 2
    assert [await runs.answering(owner) for owner in ("owner", "other", "oth")] == [[], [others], []]


async def test_an_answer_that_cannot_be_stopped_is_named(
    runs: Runs, memory: DeletingMemory, model: ControlledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its append may follow."""
    monkeypatch.setattr("chat.sessions.deletion.STOPPING", 0)
    memory.append_gate = asyncio.Event()
    await runs.start(SESSION, "hi im bob", "t1", visitor="v")
    model.say("Hi")
    await read_until(runs, TextDelta("Hi"))
    assert list(await stop_all("owner", runs)) == [SESSION.memory_id]
    memory.append_gate.set()
    await read(runs)
