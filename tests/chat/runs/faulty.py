"""A run log with scripted failures, and runs for it."""

from __future__ import annotations

from collections.abc import Sequence

from chat.domain.events import TextDelta, TurnStarted
from chat.domain.exceptions import RunFenced, RunLogUnreachable
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.records import Batch, WriteResult

SESSION = Session("owner.s1", "chat.owner")
TURN = Turn(SESSION, "t1", "hi", "web.1", 42)
STARTED = TurnStarted("t1", "hi", "web.1", 42)


class FaultyLog(RunLog):
    """A run log whose next writing calls raise ``faults``, one each."""

    faults: list[Exception]

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.pop(0)

    async def write(self, batches: Sequence[Batch]) -> list[WriteResult | RunFenced | RunLogUnreachable]:
        self._fail()
        return await super().write(batches)

    async def commit(self, batch: Batch, reply: str, *, stopped: bool, epoch: str | None) -> WriteResult:
        self._fail()
        return await super().commit(batch, reply, stopped=stopped, epoch=epoch)

    async def finish(self, batch: Batch) -> None:
        self._fail()
        await super().finish(batch)

    async def lapsed(self) -> list[tuple[str, str, int]]:
        self._fail()
        return await super().lapsed()


AWAY = RunLogUnreachable()


async def begun(log: RunLog, *pieces: str, turn: Turn = TURN) -> LiveRun:
    """A run in the log with unwritten ``pieces``."""
    await log.begin(turn)
    run = LiveRun(turn, generation=1)
    run.publish(STARTED)
    run.written = 1
    for piece in pieces:
        run.publish(TextDelta(piece))
    return run
