"""Writes the new events of all runs of a process to their logs, every 50 ms in one round trip."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence

from chat.domain.exceptions import RunFenced, RunLogUnreachable
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.records import Batch, WriteResult

logger = logging.getLogger(__name__)

#: Seconds between flushes.
PAUSE = 0.05


class Flusher:
    """``runs`` returns the live runs; ``fenced`` is called with a run that another worker has taken over.

    It writes new events, renews every lease three times as often as necessary, and passes on stop requests. While
    Redis is unreachable it keeps trying: the runs continue, and so do their readers in this process.
    """

    def __init__(self, log: RunLog, runs: Callable[[], Collection[LiveRun]], fenced: Callable[[LiveRun], None]) -> None:
        self._log = log
        self._runs = runs
        self._fenced = fenced
        self._renewed = 0.0

    async def run(self) -> None:
        """Keep flushing as long as there are runs."""
        while self._runs():
            try:
                await self._flush()
            except RunLogUnreachable:
                logger.warning("The run log cannot be reached; its entries are kept and written later.")
                await asyncio.sleep(PAUSE * 10)
            except Exception:  # the boundary of a task that must not end while there are runs: it renews their leases
                logger.exception("Writing run logs failed unexpectedly; it is tried again.")
                await asyncio.sleep(PAUSE * 10)
            await asyncio.sleep(PAUSE)

    async def _flush(self) -> None:
        now = asyncio.get_running_loop().time()
        renew = now - self._renewed > self._log.lease / 3
        runs = [run for run in self._runs() if not run.ending]  # an ended run must not be listed again
        due = [(run, run.unwritten()) for run in runs if renew or run.written < run.seen]
        if not due:
            return
        if renew:
            self._renewed = now
        answers = await self._log.write([batch for _, batch in due])
        self._settle(due, answers)
        for outage in (answer for answer in answers if isinstance(answer, RunLogUnreachable)):
            self._renewed = 0.0
            raise outage

    def _settle(
        self, due: Sequence[tuple[LiveRun, Batch]], answers: Sequence[WriteResult | RunFenced | RunLogUnreachable]
    ) -> None:
        for (run, batch), answer in zip(due, answers, strict=True):
            if isinstance(answer, RunLogUnreachable):
                continue
            run.written = max(run.written, batch.seq + len(batch.events))
            run.kept = max(run.kept, batch.sent.attempt if batch.sent else 0)
            if isinstance(answer, RunFenced):
                if not run.closed:  # it may have ended during the round trip
                    self._fenced(run)
            elif answer == "stop":
                run.stop.request()
