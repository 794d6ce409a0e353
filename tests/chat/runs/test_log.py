"""The run log over a real Valkey: who may begin, write, commit, finish and take over a run, and what is read."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from chat.domain.events import MemoryLoaded, ReasoningDelta, TextDelta, TurnFinished, TurnStarted
from chat.domain.exceptions import RunFenced, RunLogUnreachable
from chat.domain.runs import RunState, Turn
from chat.domain.session_ids import Session
from chat.runs.bells import Bell
from chat.runs.keys import ACTIVE
from chat.runs.log import RETENTION, RunLog
from chat.runs.records import Batch, Claim
from chat.runs.store import Store
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreUnavailable
from redis_link.link import Link
from redis_link.scripts import Argument
from tests.support.links import Process, linked, process
from tests.support.servers import PATIENCE, free_port

SESSION = Session("owner.s1", "chat.owner")
NAME = SESSION.memory_id
STARTED = TurnStarted("t1", "hi", "web.1", 42)
SOON = 10 * PATIENCE


def turn(session: Session, turn_id: str, text: str = "hi", replace_after: str | None = None) -> Turn:
    return Turn(session, turn_id, text, "web.1", 42, replace_after)


def batch(seq: int, *events: object, generation: int = 1, turn_id: str = "t1") -> Batch:
    return Batch(NAME, turn_id, generation, seq, list(events))  # type: ignore[arg-type]


async def test_a_session_has_one_run(log: RunLog) -> None:
    """Beginning another turn finds the active run; beginning the same turn finds it, active or ended."""
    first = await log.begin(turn(SESSION, "t1"))
    assert (first.state, first.begun, first.idle) == (RunState("t1", 1, "hi", ended=False), True, None)
    for turn_id in ("t1", "t2"):
        found = await log.begin(turn(SESSION, turn_id))
        assert (found.state, found.begun) == (RunState("t1", 1, "hi", ended=False), False)
    await log.finish(batch(1, TurnFinished("Hi")))
    again = await log.begin(turn(SESSION, "t1"))
    assert (again.state, again.begun) == (RunState("t1", 1, "hi", ended=True), False)
    following = await log.begin(turn(SESSION, "t2", "next"))
    assert following.begun
    assert following.idle is not None
    assert 0 <= following.idle < RETENTION / 1000


async def test_what_was_written_is_read_from_any_place(log: RunLog) -> None:
    """A run, active or ended, can be read from any position, and writing entries again changes nothing."""
    await log.begin(turn(SESSION, "t1"))
    deltas = [TextDelta("H"), TextDelta("i")]
    for _ in range(2):
        assert await log.write([batch(1, *deltas)]) == ["ok"]
    whole, rest = await log.read(NAME, "t1", 1, -1), await log.read(NAME, "t1", 1, 1)
    assert whole is not None
    assert (whole.events, whole.last_seq, whole.ended, whole.lapsed) == ([STARTED, *deltas], 2, False, False)
    assert rest is not None
    assert rest.events == deltas[1:]
    await log.finish(batch(3, TurnFinished("Hi")))
    ended = await log.read(NAME, "t1", 1, 2)
    assert ended is not None
    assert (ended.events, ended.ended) == ([TurnFinished("Hi")], True)
    assert await log.read(NAME, "never", 1, -1) is None


async def test_while_an_answer_grows_only_the_bell_of_its_log_rings(log: RunLog, worker: Process) -> None:
    """The session's bell makes every open page ask for the memory: it rings at the beginning and the end of a turn."""
    with worker.bells.listen(SESSION) as session, worker.bells.listen_to_log(SESSION) as entries:
        for bell in (session, entries):
            await hear(bell)  # the subscription
        await log.begin(turn(SESSION, "t1"))
        await hear(session)
        await log.write([batch(1, TextDelta("H"))])
        await hear(entries)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await session.wait(SOON)
        await log.finish(batch(2, TurnFinished("H")))
        for bell in (session, entries):
            await hear(bell)


async def hear(bell: Bell) -> None:
    """Wait for the bell; fail if it does not ring."""
    async with asyncio.timeout(SOON):
        await bell.wait(2 * SOON)


async def test_a_script_that_redis_has_forgotten_is_loaded_again(log: RunLog, client: Redis) -> None:
    """A script is loaded again after Redis has restarted."""
    for seq in (1, 2):
        await client.script_flush()
        await log.begin(turn(SESSION, "t1"))
        await client.script_flush()
        assert await log.write([batch(seq, TextDelta("H"))]) == ["ok"]


async def test_a_stop_request_counts_until_the_reply_is_written_down(log: RunLog) -> None:
    """The stop request or the commit, whichever is first, decides."""
    await log.begin(turn(SESSION, "t1"))
    assert await log.stop(NAME, "t1")
    assert await log.write([batch(1, TextDelta("H"))]) == ["stop"]
    assert await log.commit(batch(2), "H", stopped=False, epoch=None) == "stop"
    assert await log.commit(batch(2), "H", stopped=True, epoch=None) == "ok"
    assert not await log.stop(NAME, "t1")
    assert not await log.stop(NAME, "never")


@pytest.mark.parametrize("committing", [False, True])
async def test_a_run_that_was_asked_to_stop_is_stopping(log: RunLog, *, committing: bool) -> None:
    """A worker that begins another turn finds the run stopping, even if the request was too late, until it ends."""
    await log.begin(turn(SESSION, "t1"))
    assert not (await log.begin(turn(SESSION, "t2"))).state.stopping
    if committing:
        await log.commit(batch(1), "H", stopped=False, epoch=None)
    assert await log.stop(NAME, "t1") is not committing
    found = await log.begin(turn(SESSION, "t2"))
    assert (found.state.turn_id, found.begun, found.state.stopping) == ("t1", False, True)
    assert await log.state(NAME) == found.state
    await log.finish(batch(1, TurnFinished("Hi")))
    assert await log.state(NAME) == RunState("t1", 1, "hi", ended=True)
    assert (await log.begin(turn(SESSION, "t2"))).begun
    assert not (await log.begin(turn(SESSION, "t3"))).state.stopping


async def test_a_lapsed_run_is_taken_over_once(lapsing: RunLog) -> None:
    """Only one worker takes a run over; the former one is fenced without affecting others in its round trip."""
    await lapsing.begin(turn(SESSION, "t1"))
    other = Session("owner.s2", "chat.owner")
    await lapsing.begin(turn(other, "t1"))
    assert sorted(await lapsing.lapsed()) == [(NAME, "t1", 1), ("owner.s2", "t1", 1)]
    claims = await asyncio.gather(*(lapsing.take_over(NAME, "t1", 1) for _ in range(3)))
    assert [claim for claim in claims if claim] == [Claim(SESSION, "t1", 2, "hi")]
    fenced, fine = await lapsing.write([batch(1, TextDelta("H")), Batch("owner.s2", "t1", 1, 1, [])])
    assert isinstance(fenced, RunFenced)
    assert fine == "ok"
    with pytest.raises(RunFenced):
        await lapsing.commit(batch(1), "H", stopped=False, epoch=None)
    with pytest.raises(RunFenced):
        await lapsing.finish(batch(1, TurnFinished("H")))
    assert await lapsing.state(NAME) == RunState("t1", 2, "hi", ended=False)


async def test_a_run_that_goes_on_is_not_taken_over_unless_it_is_let_go(log: RunLog) -> None:
    """An active run cannot be taken over, an abandoned one at once."""
    await log.begin(turn(SESSION, "t1"))
    assert await log.take_over(NAME, "t1", 1) is None
    assert await log.lapsed() == []
    await log.abandon(batch(1))
    assert await log.lapsed() == [(NAME, "t1", 1)]
    assert await log.take_over(NAME, "t1", 1) == Claim(SESSION, "t1", 2, "hi")


@pytest.mark.parametrize(("stopped", "epoch"), [(False, "e1"), (True, None)])
async def test_a_reply_that_was_written_down_comes_with_the_claim(
    lapsing: RunLog, epoch: str | None, *, stopped: bool
) -> None:
    """A committed run is taken over with its complete reply."""
    await lapsing.begin(turn(SESSION, "t1"))
    await lapsing.commit(batch(1), "Hi", stopped=stopped, epoch=epoch)
    assert await lapsing.take_over(NAME, "t1", 1) == Claim(SESSION, "t1", 2, "hi", "Hi", stopped, epoch)


async def test_the_text_of_a_stopped_run_comes_with_the_claim(lapsing: RunLog) -> None:
    """A stopped run is taken over with its reply as far as it was written, without reasoning, and with its epoch."""
    await lapsing.begin(turn(SESSION, "t1"))
    loaded = MemoryLoaded(None, 0, epoch="e1")
    await lapsing.write([batch(1, loaded, ReasoningDelta("Hm"), TextDelta("H"), TextDelta("i"))])
    await lapsing.stop(NAME, "t1")
    assert await lapsing.take_over(NAME, "t1", 1) == Claim(SESSION, "t1", 2, "hi", "Hi", stopped=True, epoch="e1")


async def test_a_run_that_ended_unlisted_leaves_the_list(lapsing: RunLog, client: Redis) -> None:
    """A sweep removes an ended run that its worker left in the list."""
    await client.zadd(ACTIVE, {"gone": 0})
    assert await lapsing.lapsed() == []
    assert await client.zcard(ACTIVE) == 0


async def test_a_turn_that_is_sent_again_after_its_end_is_not_listed(log: RunLog) -> None:
    """Neither a sweep nor the erasure of all sessions finds the session."""
    await log.begin(turn(SESSION, "t1"))
    await log.finish(batch(1, TurnFinished("Hi")))
    await log.begin(turn(SESSION, "t1"))
    assert await log.active("owner") == []


async def test_a_run_behind_another_stays_listed(store: Store) -> None:
    """The end of a run does not take the next one off the list, which has begun between two steps of it."""

    class Interrupted(RunLog):
        async def _unlist(self, memory_id: str, listed: bytes | float | None) -> None:
            assert (await self.begin(turn(SESSION, "t2"))).begun
            await super()._unlist(memory_id, listed)

    log = Interrupted(store, lease=0)
    await log.begin(turn(SESSION, "t1"))
    await log.finish(batch(1, TurnFinished("Hi")))
    assert await log.lapsed() == [(NAME, "t2", 1)]


async def test_attempts_to_use_a_busy_session_delay_no_sweep(store: Store) -> None:
    """A run whose worker is dead is found at the end of its lease, however often others try to begin."""
    short, long = RunLog(store, lease=0), RunLog(store, lease=60)
    await short.begin(turn(SESSION, "t1"))
    assert not (await long.begin(turn(SESSION, "t2"))).begun
    assert await long.lapsed() == [(NAME, "t1", 1)]


class WithoutList:
    """A link to a Cluster whose node with the list of runs is away."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def execute(self, *command: Argument) -> Reply:
        self._check(command)
        return await self._link.execute(*command)

    async def pipeline(self, *commands: Command) -> list[Reply]:
        for command in commands:
            self._check(command)
        return await self._link.pipeline(*commands)

    def _check(self, command: Command) -> None:
        if ACTIVE in command:
            raise StoreUnavailable("This node is away.")


async def test_a_run_ends_while_the_list_is_away(log: RunLog, redis_url: str) -> None:
    """Its session is free, and a sweep removes it from the list later; no run begins that would not be listed."""
    await log.begin(turn(SESSION, "t1"))
    async with linked(redis_url) as link:
        listless = RunLog(Store(WithoutList(link)), lease=0)  # type: ignore[arg-type]
        await listless.finish(batch(1, TurnFinished("Hi")))
        assert await log.state(NAME) == RunState("t1", 1, "hi", ended=True)
        with pytest.raises(RunLogUnreachable):
            await listless.begin(turn(SESSION, "t2"))
    assert await log.active("owner") == [NAME]
    assert await log.lapsed() == []
    assert await log.active("owner") == []


async def test_a_store_that_is_away_is_unreachable() -> None:
    """Without Redis every call raises `RunLogUnreachable`."""
    async with process(f"redis://127.0.0.1:{free_port()}") as worker:
        log = RunLog(worker.store)
        with pytest.raises(RunLogUnreachable):
            await log.state(NAME)
        with pytest.raises(RunLogUnreachable):
            await log.write([batch(1, TextDelta("H"))])
