"""Writing runs' events to their logs, over a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from chat.domain.events import TextDelta, TurnFinished
from chat.domain.exceptions import RunFenced, RunLogUnreachable
from chat.domain.messages import Memory, Window
from chat.domain.prompts import PromptRecord
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.runs.flusher import Flusher
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.records import Batch, WriteResult
from chat.turns.prompt import build_prompt
from chat.turns.recorder import TurnRecorder
from tests.chat.runs.faulty import AWAY, STARTED, FaultyLog, begun
from tests.support.ports import until
from tests.support.servers import PATIENCE

OTHER = Turn(Session("owner.s2", "chat.owner"), "t1", "hi", "web.1", 42)


async def flush_until_written(flusher: Flusher, *runs: LiveRun) -> None:
    """Run the flusher until everything is written and there are no more runs."""

    async def written() -> bool:
        return all(run.written == run.seen for run in runs)

    flushing = asyncio.create_task(flusher.run())
    await until(written)
    flushing.cancel()
    await asyncio.wait([flushing])


async def test_all_runs_are_written_and_nothing_twice(log: RunLog) -> None:
    """Every run's new events are written once, to its own log."""
    runs = [await begun(log, "H", "i"), await begun(log, turn=OTHER)]
    flusher = Flusher(log, lambda: runs, lambda run: None)
    await flush_until_written(flusher, *runs)
    runs[0].publish(TextDelta("!"))
    await flush_until_written(flusher, *runs)
    whole, other = await log.read("owner.s1", "t1", 1, -1), await log.read("owner.s2", "t1", 1, -1)
    assert whole is not None
    assert other is not None
    assert whole.events == [STARTED, TextDelta("H"), TextDelta("i"), TextDelta("!")]
    assert other.events == [STARTED]


async def test_a_stop_request_from_elsewhere_reaches_the_run(log: RunLog) -> None:
    """A stop request from elsewhere arrives with the next entries, or with the lease's renewal."""
    run = await begun(log, "H")
    await log.stop("owner.s1", "t1")
    await flush_until_written(Flusher(log, lambda: [run], lambda run: None), run)
    assert run.stop.requested


@pytest.mark.parametrize("closed", [False, True])
async def test_a_run_of_another_worker_is_reported_unless_it_has_ended(lapsing: RunLog, *, closed: bool) -> None:
    """A fenced run is reported, unless it has ended during the round trip."""
    run, fenced = await begun(lapsing, "H"), list[LiveRun]()
    await lapsing.take_over("owner.s1", "t1", 1)
    if closed:
        run.close()
    await flush_until_written(Flusher(lapsing, lambda: [run], fenced.append), run)
    assert fenced == ([] if closed else [run])


async def test_a_node_that_is_away_holds_up_no_other(log: RunLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of other nodes are written; those of that node, too, when it is back."""
    monkeypatch.setattr("chat.runs.flusher.PAUSE", 0.001)
    runs = [await begun(log, "H"), await begun(log, "H", turn=OTHER)]
    written, answers = log.write, [[AWAY, "ok"], ["ok", AWAY]]

    async def write(batches: Sequence[Batch]) -> list[WriteResult | RunFenced | RunLogUnreachable]:
        found = await written(batches)
        if len(batches) == 2 and answers:
            return answers.pop()  # type: ignore[return-value]
        return found

    monkeypatch.setattr(log, "write", write)
    await flush_until_written(Flusher(log, lambda: runs, lambda run: None), *runs)
    assert [run.written for run in runs] == [run.seen for run in runs]


@pytest.mark.parametrize("fault", [AWAY, ValueError("nobody foresaw it")])
async def test_it_goes_on_after_an_error(faulty: FaultyLog, fault: Exception) -> None:
    """After an error the entries are written later."""
    run = await begun(faulty, "H")
    faulty.faults = [fault, fault]
    async with asyncio.timeout(10 * PATIENCE):
        await flush_until_written(Flusher(faulty, lambda: [run], lambda run: None), run)
    assert faulty.faults == []


async def test_it_ends_with_the_last_run(log: RunLog) -> None:
    """It ends with the last run."""
    async with asyncio.timeout(10 * PATIENCE):
        await Flusher(log, list, lambda run: None).run()


async def test_a_run_that_has_ended_is_not_written_again(log: RunLog) -> None:
    """It is over for sweeps, too, even if its task takes a while to end."""
    run = await begun(log, "H")
    run.publish(TurnFinished("H"))
    await log.finish(run.last())
    run.reveal()
    rounds = iter([[run], [run], [], []])
    await Flusher(log, lambda: next(rounds), lambda run: None).run()
    assert await log.active("owner") == []


async def test_a_prompt_is_kept_with_the_next_entries(log: RunLog) -> None:
    """It is in Redis while the answer is written, and is not written again."""
    run = await begun(log, "H")
    run.recorder = TurnRecorder(run.turn, "gpt")
    run.recorder.ask(build_prompt(Memory((), None, 0, Window(12)), "hi", system="S", budget=4000))
    await flush_until_written(Flusher(log, lambda: [run], lambda run: None), run)
    assert run.recorder.sent is not None
    assert await log.prompt("owner.s1", "t1") == PromptRecord(run.recorder.sent)
    assert run.kept == 1
