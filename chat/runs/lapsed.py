"""Runs whose worker went silent: they are taken over, by a reader at once and by a sweep soon."""

from __future__ import annotations

import asyncio
import logging
import random

from chat.domain.exceptions import RunLogUnreachable
from chat.runs.answering import Answering
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.process import ProcessRuns

logger = logging.getLogger(__name__)


class LapsedRuns:
    """Makes lapsed runs those of this process."""

    def __init__(self, log: RunLog, answering: Answering, here: ProcessRuns) -> None:
        self._log = log
        self._answering = answering
        self._here = here
        self._leaving = False

    def leave(self) -> None:
        """Take no run over any more: this process ends."""
        self._leaving = True

    async def take_over(self, memory_id: str, turn_id: str, generation: int) -> None:
        """Go on with the run, if its lease has lapsed and nobody was quicker."""
        if self._leaving:
            return
        claim = await self._log.take_over(memory_id, turn_id, generation)
        if claim is None:
            return
        logger.info("Took a run over from a worker that went silent.")
        run = LiveRun(self._answering.turn(claim.session, claim.turn_id, claim.text), claim.generation)
        answering = self._answering
        self._here.launch(run, answering.answer(run) if claim.reply is None else answering.append_again(run, claim))

    async def sweep(self) -> None:
        """Take over every run whose worker went silent."""
        for memory_id, turn_id, generation in await self._log.lapsed():
            await self.take_over(memory_id, turn_id, generation)

    async def keep_sweeping(self) -> None:
        """Sweep without an end, a little more often than leases lapse, not in step with other workers."""
        while True:
            await asyncio.sleep(self._log.lease / 2 * random.uniform(0.8, 1.2))
            try:
                await self.sweep()
            except RunLogUnreachable:
                logger.warning("The run log cannot be reached; lapsed runs are looked for again later.")
            except Exception:  # the boundary of a task that must not end: without it no lapsed run would go on
                logger.exception("A sweep failed in a way nobody foresaw. The next one comes.")
