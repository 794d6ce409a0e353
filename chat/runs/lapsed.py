"""Runs whose worker has gone silent: a reader takes them over at once, a sweep within a few seconds."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

from chat.domain.exceptions import RunLogUnreachable
from chat.runs.answering import Answering
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.process import ProcessRuns

logger = logging.getLogger(__name__)


class LapsedRuns:
    """Takes lapsed runs over into this process, until it is ``leaving``. ``on_take_over`` is called for each."""

    def __init__(
        self,
        log: RunLog,
        answering: Answering,
        here: ProcessRuns,
        on_take_over: Callable[[], None] = lambda: None,
    ) -> None:
        self._log = log
        self._answering = answering
        self._here = here
        self._on_take_over = on_take_over
        self.leaving = False

    def leave(self) -> None:
        """Stop taking runs over, because this process is shutting down."""
        self.leaving = True

    async def take_over(self, memory_id: str, turn_id: str, generation: int) -> None:
        """Continue the run here, if its lease has lapsed and no other worker has taken it over."""
        if self.leaving:
            return
        claim = await self._log.take_over(memory_id, turn_id, generation)
        if claim is None:
            return
        logger.info("Took over a run from a worker that has gone silent.")
        self._on_take_over()
        run = LiveRun(
            self._answering.turn(claim.session, claim.turn_id, claim.text, claim.replace_after), claim.generation
        )
        answering = self._answering
        self._here.launch(run, answering.answer(run) if claim.reply is None else answering.append_again(run, claim))

    async def sweep(self) -> None:
        """Take over every run whose worker has gone silent."""
        for memory_id, turn_id, generation in await self._log.lapsed():
            await self.take_over(memory_id, turn_id, generation)

    async def keep_sweeping(self) -> None:
        """Sweep until cancelled, a little more often than leases lapse and not in step with other workers."""
        while True:
            await asyncio.sleep(self._log.lease / 2 * random.uniform(0.8, 1.2))
            try:
                await self.sweep()
            except RunLogUnreachable:
                logger.warning("The run log cannot be reached; the next sweep looks for lapsed runs again.")
            except Exception:  # the boundary of a task that must not end: lapsed runs would no longer be taken over
                logger.exception("A sweep failed unexpectedly; the next one follows.")
