"""The runs of this process: each is a task that continues without a listener."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from chat.domain.events import TERMINAL, Event, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import RunFenced, RunLogUnreachable, Unforeseen
from chat.domain.reports import TurnReport
from chat.runs.flusher import PAUSE, Flusher
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.turns.outcome import failed

logger = logging.getLogger(__name__)


class ProcessRuns:
    """Carries out runs until they end, are released, or turn out to be another worker's.

    ``on_idle`` is called when the last one has ended, ``on_end`` with a report on each that has ended here.
    """

    def __init__(
        self,
        log: RunLog,
        on_idle: Callable[[], object],
        on_end: Callable[[TurnReport], None] = lambda report: None,
    ) -> None:
        self._log = log
        self._on_idle = on_idle
        self._on_end = on_end
        self._live: dict[str, LiveRun] = {}
        self._flusher = Flusher(log, self._live.values, self._fence)
        self._flushing: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many this process carries out."""
        return len(self._live)

    @property
    def owners(self) -> set[str]:
        """The owners of the runs that this process carries out."""
        return {run.turn.session.owner or "" for run in self._live.values()}

    def find(self, memory_id: str, turn_id: str) -> LiveRun | None:
        """The run of this turn, if this process owns it."""
        run = self._live.get(memory_id)
        return run if run is not None and run.turn.turn_id == turn_id and not run.closed else None

    def launch(self, run: LiveRun, work: AsyncGenerator[Event]) -> None:
        """Carry out ``work`` in a task, publishing its events as the run's."""
        memory_id = run.turn.session.memory_id
        if (former := self._live.get(memory_id)) is not None:
            self._fence(former)  # this process itself slept through the lease
        self._live[memory_id] = run
        run.task = asyncio.create_task(self._carry_out(run, work), name=f"run {run.turn.turn_id}")
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flusher.run(), name="flusher")

    async def abandon(self) -> None:
        """End all tasks and release their runs, so that other workers continue them at once."""
        runs = list(self._live.values())
        for run in runs:
            if run.task is not None:
                run.task.cancel()
        await asyncio.gather(*(run.task for run in runs if run.task), return_exceptions=True)
        await asyncio.gather(*(self._log.abandon(run.batch([])) for run in runs), return_exceptions=True)

    # --- the task of a run ----------------------------------------------------------------------------------------

    async def _carry_out(self, run: LiveRun, work: AsyncGenerator[Event]) -> None:
        """The task of a run: the boundary at which an unforeseen error becomes a failed turn."""
        try:
            try:
                await self._publish_all(run, work)
            except (RunFenced, RunLogUnreachable, asyncio.CancelledError):
                raise
            except Exception:
                logger.exception("A turn failed unexpectedly.")
                await self._publish(run, failed(Unforeseen()))
        except RunFenced:
            logger.info("A run was taken over by another worker.")
        finally:
            self._release(run)

    async def _publish_all(self, run: LiveRun, work: AsyncGenerator[Event]) -> None:
        async with aclosing(work):
            async for event in work:
                if isinstance(event, TERMINAL):
                    await self._publish(run, event)
                elif not (isinstance(event, TurnStarted) and run.events):  # `Runs.start` has already written it
                    run.publish(event)

    async def _publish(self, run: LiveRun, terminal: TurnFinished | TurnStopped | TurnFailed) -> None:
        """Flush the end of the run before readers see it, retrying while Redis is unreachable."""
        run.publish(terminal)
        while True:
            try:
                await self._log.finish(run.last())
            except RunLogUnreachable:
                await asyncio.sleep(PAUSE * 10)
            else:
                run.reveal()
                if run.recorder is not None:
                    self._on_end(run.recorder.report(terminal))
                return

    def _fence(self, run: LiveRun) -> None:
        run.close()
        if run.task is not None:
            run.task.cancel()

    def _release(self, run: LiveRun) -> None:
        run.close()
        memory_id = run.turn.session.memory_id
        if self._live.get(memory_id) is run:
            del self._live[memory_id]
        if not self._live:
            asyncio.get_running_loop().call_soon(self._on_idle)  # after this task, too, has released the run
