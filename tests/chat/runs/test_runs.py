"""Runs over a real Valkey. Two `Runs` with their own connections and one memory and model stand for two workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from chat.domain.events import (
    Event,
    MemoryLoaded,
    Restarted,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat.domain.exceptions import InvalidMessageId, ModelUnreachable, RunUnknown, TooManyTurns, TurnInProgress
from chat.domain.messages import STOPPED_MARK
from chat.domain.runs import Cursor, Entry, RunState
from chat.domain.session_ids import Session
from chat.runs.limits import TurnLimiter
from chat.runs.log import RunLog
from chat.runs.runs import Runs
from chat.turns.turn import Persona
from tests.support.links import process
from tests.support.ports import ControlledModel, FailingMemory, until
from tests.support.servers import PATIENCE

SESSION = Session("owner.s1", "chat.owner")
LEASE = 0.9 * PATIENCE


@dataclass
class Cluster:
    """Two workers with one memory and one model."""

    one: Runs
    two: Runs
    memory: FailingMemory
    model: ControlledModel


@asynccontextmanager
async def worker(
    url: str, name: str, memory: FailingMemory, model: ControlledModel, limit: int = 0
) -> AsyncIterator[Runs]:
    async with process(url) as parts:
        runs = Runs(
            RunLog(parts.store, lease=LEASE), parts.bells, TurnLimiter(parts.store, limit), memory, model,
            Persona("", 4000), worker=name, max_chars=1000,
        )  # fmt: skip
        try:
            yield runs
        finally:
            await runs.abandon()


@pytest.fixture
async def cluster(redis_url: str) -> AsyncIterator[Cluster]:
    """Two workers on an empty Valkey."""
    memory, model = FailingMemory(), ControlledModel()
    memory.seed(SESSION, "hello", "Hello.")
    async with worker(redis_url, "one", memory, model) as one, worker(redis_url, "two", memory, model) as two:
        yield Cluster(one, two, memory, model)


async def read(runs: Runs, turn_id: str = "t1", after: Cursor | None = None) -> list[Entry]:
    async with asyncio.timeout(10 * PATIENCE):
        return [entry async for entry in runs.tail(SESSION, turn_id, after)]


async def read_until(runs: Runs, wanted: Event, turn_id: str = "t1") -> list[Entry]:
    entries = []
    async with asyncio.timeout(10 * PATIENCE), aclosing(runs.tail(SESSION, turn_id)) as tail:
        async for entry in tail:
            entries.append(entry)
            if entry.event == wanted:
                return entries
    raise AssertionError(f"The run ended without {wanted}: {entries}")


async def is_committing(cluster: Cluster) -> bool:
    return bool(await cluster.two._log._store.ask("HGET", "chat:run:{owner.s1}", "state") == b"committing")


def fall_asleep(runs: Runs) -> None:
    """Freeze the worker without releasing its runs, which looks like kill -9 to all others."""
    for run in list(runs._here._live.values()):
        if run.task:
            run.task.cancel()
    if runs._here._flushing:
        runs._here._flushing.cancel()


@pytest.mark.parametrize("reader", ["one", "two"])
async def test_every_reader_gets_the_whole_run_with_a_dense_seq(cluster: Cluster, reader: str) -> None:
    """Readers in the owner's process and in another one get the same entries, without gaps."""
    await cluster.one.start(SESSION, "hi im bob", "t1", visitor="v")
    cluster.model.say("Hi ", "Bob")
    cluster.model.end()
    entries = await read(getattr(cluster, reader))
    assert [entry.cursor for entry in entries] == [Cursor("t1", 1, seq) for seq in range(5)]
    kinds = [type(entry.event) for entry in entries]
    assert kinds == [TurnStarted, MemoryLoaded, TextDelta, TextDelta, TurnFinished]
    assert cluster.memory.appends == ["t1"]


@pytest.mark.parametrize("reader", ["one", "two"])
async def test_a_reader_hears_a_delta_while_the_run_goes_on(cluster: Cluster, reader: str) -> None:
    """Deltas reach readers before the reply ends."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    await read_until(getattr(cluster, reader), TextDelta("Hi"))
    cluster.model.end()
    assert isinstance((await read(getattr(cluster, reader)))[-1].event, TurnFinished)


@pytest.mark.parametrize("reader", ["one", "two"])
async def test_a_reader_goes_on_behind_its_cursor(cluster: Cluster, reader: str) -> None:
    """A reader continues after its cursor."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("a", "b")
    first = await read_until(getattr(cluster, reader), TextDelta("a"))
    cluster.model.end()
    rest = await read(getattr(cluster, reader), after=first[-1].cursor)
    assert [entry.event for entry in rest] == [TextDelta("b"), TurnFinished("ab", epoch="e1")]


@pytest.mark.parametrize("reader", ["one", "two"])
async def test_a_cursor_beyond_the_log_gets_the_whole_turn_again(cluster: Cluster, reader: str) -> None:
    """A cursor ahead of the log is void and gets the whole turn."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("a")
    cluster.model.end()
    await read(cluster.one)
    entries = await read(getattr(cluster, reader), after=Cursor("t1", 1, 99))
    assert entries[0] == Entry(Cursor("t1", 1, -1), Restarted())
    assert isinstance(entries[1].event, TurnStarted)
    assert isinstance(entries[-1].event, TurnFinished)


async def test_leaving_does_not_end_the_run(cluster: Cluster) -> None:
    """A run continues when a reader leaves in the middle."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("a")
    await read_until(cluster.one, TextDelta("a"))
    cluster.model.say("b")
    cluster.model.end()
    assert (await read(cluster.two))[-1].event == TurnFinished("ab", epoch="e1")


async def test_a_busy_session_refuses_another_turn_anywhere(cluster: Cluster) -> None:
    """Another turn is refused with the active turn's id; starting the same turn again returns its run."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    with pytest.raises(TurnInProgress) as refused:
        await cluster.two.start(SESSION, "me too", "t2", visitor="v")
    assert refused.value.turn_id == "t1"
    again = await cluster.two.start(SESSION, "hi", "t1", visitor="v")
    assert (again.turn_id, again.ended) == ("t1", False)
    cluster.model.say("a")
    cluster.model.end()
    await read(cluster.two)
    assert (await cluster.two.start(SESSION, "hi", "t1", visitor="v")).ended
    assert len(cluster.model.prompts) == 1


@pytest.mark.parametrize("stopper", ["one", "two"])
async def test_stopping_keeps_what_was_seen(cluster: Cluster, stopper: str) -> None:
    """A stop from any process keeps the text so far, even while the model is silent."""
    await cluster.one.start(SESSION, "a story", "t1", visitor="v")
    cluster.model.say("Once")
    await read_until(cluster.two, TextDelta("Once"))
    assert await getattr(cluster, stopper).stop(SESSION, "t1")
    assert (await read(cluster.two))[-1].event == TurnStopped("Once", epoch="e1")
    assert cluster.memory.said("owner.s1")[-1].content == "Once" + STOPPED_MARK
    assert not await cluster.one.stop(SESSION, "t1")


async def test_stopping_while_the_reply_is_appended_is_too_late(cluster: Cluster) -> None:
    """After the commit a run can no longer be stopped."""
    cluster.memory.append_gate = asyncio.Event()
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    cluster.model.end()
    await read_until(cluster.one, TextDelta("Hi"))
    await until(lambda: is_committing(cluster))
    assert not await cluster.two.stop(SESSION, "t1")
    cluster.memory.append_gate.set()
    assert (await read(cluster.two))[-1].event == TurnFinished("Hi", epoch="e1")


@pytest.mark.parametrize(("stopper", "sender"), [("one", "one"), ("two", "two"), ("one", "two"), ("two", "one")])
async def test_a_turn_sent_behind_a_stop_begins_at_its_end(cluster: Cluster, stopper: str, sender: str) -> None:
    """In whichever processes; it knows the stopped exchange, and both are remembered in order."""
    cluster.memory.append_gate = asyncio.Event()
    await cluster.one.start(SESSION, "a story", "t1", visitor="v")
    cluster.model.say("Once")
    await read_until(cluster.one, TextDelta("Once"))
    await getattr(cluster, stopper).stop(SESSION, "t1")
    sending = asyncio.create_task(getattr(cluster, sender).start(SESSION, "a poem", "t2", visitor="v"))
    await until(lambda: is_committing(cluster))
    assert not sending.done()
    cluster.memory.append_gate.set()
    assert (await sending).turn_id == "t2"
    cluster.model.say("Roses")
    cluster.model.end()
    await read(cluster.two, "t2")
    assert cluster.memory.appends == ["t1", "t2"]
    assert "Once" in str(cluster.model.prompts[-1])


async def test_the_state_behind_a_stop_is_that_of_its_end(cluster: Cluster) -> None:
    """What the stopped run leaves is in the memory by then. Any other run is not waited for."""
    cluster.memory.append_gate = asyncio.Event()
    await cluster.one.start(SESSION, "a story", "t1", visitor="v")
    cluster.model.say("Once")
    await read_until(cluster.one, TextDelta("Once"))
    assert await cluster.two.behind_stop(SESSION) == RunState("t1", 1, "a story", ended=False)
    await cluster.one.stop(SESSION, "t1")
    settling = asyncio.create_task(cluster.two.behind_stop(SESSION))
    await until(lambda: is_committing(cluster))
    assert not settling.done()
    cluster.memory.append_gate.set()
    assert await settling == RunState("t1", 1, "a story", ended=True)
    assert cluster.memory.appends == ["t1"]


async def test_a_turn_sent_behind_a_stop_that_came_too_late_waits_as_well(cluster: Cluster) -> None:
    """The stop was refused, because the reply was complete, but the user's next message still follows it."""
    cluster.memory.append_gate = asyncio.Event()
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    cluster.model.end()
    await until(lambda: is_committing(cluster))
    assert not await cluster.two.stop(SESSION, "t1")
    sending = asyncio.create_task(cluster.two.start(SESSION, "next", "t2", visitor="v"))
    asyncio.get_running_loop().call_later(0.1, cluster.memory.append_gate.set)
    assert (await sending).turn_id == "t2"


async def test_a_turn_sent_behind_a_stop_is_refused_in_the_end(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the stopped turn does not end in time, the session is busy; another turn that waited may have been first."""
    monkeypatch.setattr("chat.runs.runs.STOPPING", 0.1)
    cluster.memory.append_gate = asyncio.Event()
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    await read_until(cluster.one, TextDelta("Hi"))
    await cluster.one.stop(SESSION, "t1")
    with pytest.raises(TurnInProgress) as refused:
        await cluster.two.start(SESSION, "next", "t2", visitor="v")
    assert refused.value.turn_id == "t1"
    monkeypatch.setattr("chat.runs.runs.STOPPING", 10 * PATIENCE)
    sends = (runs.start(SESSION, "next", turn, visitor="v") for runs in (cluster.one, cluster.two) for turn in "ab")
    sending = asyncio.gather(*sends, return_exceptions=True)
    cluster.memory.append_gate.set()
    began = {one.turn_id for one in await sending if not isinstance(one, BaseException)}
    assert len(began) == 1


async def test_a_turn_sent_behind_the_stop_of_a_dead_workers_run_follows_it(cluster: Cluster) -> None:
    """Waiting for the stopped run takes it over; its text so far is remembered first."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Once")
    await read_until(cluster.two, TextDelta("Once"))
    fall_asleep(cluster.one)
    assert await cluster.two.stop(SESSION, "t1")
    assert (await cluster.two.start(SESSION, "next", "t2", visitor="v")).turn_id == "t2"
    assert cluster.memory.appends == ["t1"]


async def test_a_reader_takes_a_dead_workers_run_over(cluster: Cluster) -> None:
    """A dead worker's turn starts again elsewhere, readers get `Restarted`, and it is remembered once."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("lost")
    seen = await read_until(cluster.two, TextDelta("lost"))
    fall_asleep(cluster.one)
    reading = asyncio.create_task(read(cluster.two, after=seen[-1].cursor))
    cluster.model.asked.clear()
    await asyncio.wait_for(cluster.model.asked.wait(), 10 * PATIENCE)
    cluster.model.say("found")
    cluster.model.end()
    events = [entry.event for entry in await reading]
    assert isinstance(events[0], Restarted)
    assert events[1] == TurnStarted("t1", "hi", "two", events[1].pid)  # type: ignore[union-attr]
    assert events[-1] == TurnFinished("found", epoch="e1")
    assert cluster.memory.appends == ["t1"]


async def test_a_sweep_takes_over_when_nobody_reads(cluster: Cluster) -> None:
    """A sweep takes over a run that nobody reads."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    await asyncio.wait_for(cluster.model.asked.wait(), 10 * PATIENCE)
    fall_asleep(cluster.one)
    cluster.model.asked.clear()
    sweeping = asyncio.create_task(cluster.two.keep_sweeping())
    await asyncio.wait_for(cluster.model.asked.wait(), 10 * PATIENCE)
    sweeping.cancel()
    cluster.model.say("Hi")
    cluster.model.end()
    assert (await read(cluster.two))[-1].event == TurnFinished("Hi", epoch="e1")


async def test_an_abandoned_run_goes_on_elsewhere_at_once(cluster: Cluster) -> None:
    """An abandoned run continues elsewhere without waiting for its lease."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    await asyncio.wait_for(cluster.model.asked.wait(), 10 * PATIENCE)
    cluster.model.asked.clear()
    await cluster.one.abandon()
    await cluster.two.sweep()
    await asyncio.wait_for(cluster.model.asked.wait(), 10 * PATIENCE)
    cluster.model.say("Hi")
    cluster.model.end()
    assert (await read(cluster.two))[-1].event == TurnFinished("Hi", epoch="e1")


async def test_a_reply_that_was_whole_is_only_posted_again(cluster: Cluster) -> None:
    """If a worker dies between the reply and the append, only the append is repeated."""
    cluster.memory.append_gate = asyncio.Event()
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    cluster.model.end()
    await until(lambda: is_committing(cluster))
    fall_asleep(cluster.one)
    cluster.memory.append_gate.set()
    events = [entry.event for entry in await read(cluster.two)]
    assert events[-3:] == [
        TurnStarted("t1", "hi", "two", events[-3].pid),  # type: ignore[union-attr]
        TextDelta("Hi"),
        TurnFinished("Hi", epoch="e1"),
    ]
    assert len(cluster.model.prompts) == 1
    assert cluster.memory.appends == ["t1"]


async def test_a_stop_request_outlives_the_worker(cluster: Cluster) -> None:
    """A stop request survives its worker, and the text seen before is remembered."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Once")
    await read_until(cluster.two, TextDelta("Once"))
    fall_asleep(cluster.one)
    assert await cluster.two.stop(SESSION, "t1")
    assert (await read(cluster.two))[-1].event == TurnStopped("Once", epoch="e1")
    assert len(cluster.model.prompts) == 1


async def test_a_stopped_run_that_is_taken_over_is_written_down_before_it_is_appended(cluster: Cluster) -> None:
    """A stopped run that is taken over is committed, so that a third worker appends the same text."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Once")
    await read_until(cluster.two, TextDelta("Once"))
    fall_asleep(cluster.one)
    cluster.memory.append_gate = asyncio.Event()
    assert await cluster.two.stop(SESSION, "t1")
    reading = asyncio.create_task(read(cluster.two))
    await until(lambda: is_committing(cluster))
    fields = await cluster.two._log._store.ask("HMGET", "chat:run:{owner.s1}", "reply", "stopped", "epoch")
    assert fields == [b"Once", b"1", b"e1"]
    cluster.memory.append_gate.set()
    assert (await reading)[-1].event == TurnStopped("Once", epoch="e1")


async def test_nothing_comes_behind_the_end_of_a_run(cluster: Cluster) -> None:
    """A reader at the end of an ended run does not wait."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    cluster.model.end()
    last = (await read(cluster.two))[-1]
    with pytest.raises(RunUnknown):
        await read(cluster.two, after=last.cursor)


async def test_a_worker_that_was_only_asleep_is_fenced(cluster: Cluster) -> None:
    """A worker that wakes after a take-over can write neither to the log nor to the memory."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("a")
    await read_until(cluster.two, TextDelta("a"))
    sleeper = cluster.one._here._live["owner.s1"]
    assert cluster.one._here._flushing is not None
    cluster.one._here._flushing.cancel()
    await asyncio.sleep(LEASE * 1.2)
    await cluster.two.sweep()
    cluster.one._here._flushing = asyncio.create_task(cluster.one._here._flusher.run())
    assert sleeper.task is not None
    await asyncio.wait([sleeper.task], timeout=10 * PATIENCE)
    assert sleeper.closed
    cluster.model.say("b")
    cluster.model.end()
    events = [entry.event for entry in await read(cluster.one)]
    assert events[-1] == TurnFinished("b", epoch="e1")
    assert cluster.memory.appends == ["t1"]


async def test_turns_are_heard_of_everywhere(cluster: Cluster) -> None:
    """Turns begun on one worker are announced on every other."""
    followers = [asyncio.create_task(_first_finished(runs)) for runs in (cluster.one, cluster.two)]
    await asyncio.sleep(0.05)
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    cluster.model.end()
    for follower in followers:
        assert await follower == TurnFinished("Hi", epoch="e1")


async def _first_finished(runs: Runs) -> Event:
    async with asyncio.timeout(10 * PATIENCE), aclosing(runs.turns(SESSION)) as turns:
        return (await read(runs, await anext(turns)))[-1].event


async def test_a_failure_ends_the_run_and_frees_the_session(cluster: Cluster) -> None:
    """After a failed run the next turn can begin at once."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.fail(ModelUnreachable())
    assert isinstance((await read(cluster.two))[-1].event, TurnFailed)
    await cluster.two.start(SESSION, "hi", "t2", visitor="v")


async def test_an_unknown_run_cannot_be_read(cluster: Cluster) -> None:
    """Reading an unknown run raises `RunUnknown`."""
    with pytest.raises(RunUnknown):
        await read(cluster.one, "never")


async def test_turns_a_minute_are_counted_across_workers(redis_url: str) -> None:
    """A turn over the limit is refused with the seconds to wait, but not a known turn sent again."""
    memory, model = FailingMemory(), ControlledModel()
    async with worker(redis_url, "a", memory, model, 2) as one, worker(redis_url, "b", memory, model, 2) as two:
        for number, runs in enumerate((one, two, one)):
            if number < 2:
                session = Session(f"owner.s{number}", "chat.owner")
                await runs.start(session, "hi", "t1", visitor="v")
                continue
            with pytest.raises(TooManyTurns) as refused:
                await runs.start(Session("owner.s9", "chat.owner"), "hi", "t1", visitor="v")
            assert 0 < refused.value.retry_after <= 60
            assert (await runs.start(session, "hi", "t1", visitor="v")).turn_id == "t1"
        await one.start(Session("other.s1", "chat.other"), "hi", "t1", visitor="w")


async def test_an_owner_forgets_the_text_of_a_finished_run(cluster: Cluster) -> None:
    """The owner keeps no text of a finished run."""
    await cluster.one.start(SESSION, "hi", "t1", visitor="v")
    cluster.model.say("Hi")
    cluster.model.end()
    await read(cluster.two)

    async def forgotten() -> bool:
        return not cluster.one._here._live

    await until(forgotten)


@pytest.mark.parametrize("committing", [False, True])
async def test_a_replacement_is_still_one_after_a_take_over(cluster: Cluster, committing: bool) -> None:
    """The worker that continues, with the model or with the append alone, withdraws what the first would have."""
    cluster.memory.append_gate = asyncio.Event()
    cluster.model.say("new answer")
    await cluster.one.start(SESSION, "again", "t1", visitor="v", replace_after="0")
    await read_until(cluster.two, TextDelta("new answer"))
    if committing:
        cluster.model.end()
        await until(lambda: is_committing(cluster))
    fall_asleep(cluster.one)
    cluster.memory.append_gate.set()
    if not committing:
        cluster.model.say("new answer")
        cluster.model.end()
    entries = await read(cluster.two)
    assert isinstance(entries[-1].event, TurnFinished)
    said = [message.content for message in cluster.memory.said(SESSION.memory_id)]
    assert said == ["again", "new answer"]


async def test_a_malformed_place_is_refused(cluster: Cluster) -> None:
    """The id of the message behind which others are replaced is a number."""
    with pytest.raises(InvalidMessageId):
        await cluster.one.start(SESSION, "again", "t1", visitor="v", replace_after="first")
