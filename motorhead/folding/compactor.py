"""Folding in the background: ties together which sessions are due, how many at once, and when to try again.

Nothing here is worth keeping: what has to be folded is what lies above a session's watermark, so a process that
dies forgets nothing that the next append or sweep does not find again.
"""

from __future__ import annotations

import logging
import random

from motorhead.config import FoldSettings
from motorhead.exceptions import Conflict, ModelError, ModelRejected, ModelUnavailable
from motorhead.folding.agenda import Agenda
from motorhead.folding.breaker import LONGEST_PAUSE, Breaker, Circuit
from motorhead.folding.folder import Folder, FoldOutcome
from motorhead.folding.parking import Parking, Standing
from motorhead.folding.queue import FoldQueue
from motorhead.folding.reasons import FoldReasons
from motorhead.folding.slots import Slots
from motorhead.metrics import Metrics
from motorhead.store.store import Store
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)

#: Seconds for which a fold on demand waits for a slot.
PATIENCE = 10.0
#: Seconds until a session is tried again that another replica was folding.
BUSY_PAUSE = 0.5
#: The name of the timer that ends the model's pause. A session's timer has the session's id.
TRIAL = "trial"


class Compactor:
    """Folds the sessions that are scheduled, a bounded number at a time."""

    def __init__(self, store: Store, folder: Folder, settings: FoldSettings, metrics: Metrics) -> None:
        self._folder = folder
        self._settings = settings
        self._reasons = FoldReasons(store, settings)
        self._queue = FoldQueue()
        self._slots = Slots(settings.in_flight)
        self._breaker = Breaker()
        self._parking = Parking()
        self._agenda = Agenda()
        metrics.gauge("motorhead_folds_in_flight", "Folds under way.", lambda: self._slots.in_use)
        metrics.gauge("motorhead_folds_waiting", "Sessions that wait for a fold.", lambda: self._queue.waiting)
        metrics.gauge("motorhead_fold_lag_seconds", "How long the oldest of them has waited.", lambda: self._queue.lag)

    def schedule(self, session_id: bytes) -> None:
        """Fold the session soon. Cheap, and harmless to repeat."""
        if not self._settings.enabled or not self._queue.add(session_id):
            return
        if self._breaker.trouble is not None:
            self._agenda.start(self._reasons.note_if_possible(session_id, self._breaker.trouble))
        self._pump()

    async def fold_now(self, session_id: bytes, patience: float = PATIENCE) -> None:
        """Fold the session down to half its window, before those that wait in the background.

        Raises ModelError: why it could not be folded.
        Raises Conflict: when another fold of it is under way or the session changed.
        Raises Overloaded: when no slot was released within ``patience`` seconds.
        """
        try:
            async with self._slots.held(patience):
                outcome = await self._fold_on_demand(session_id)
        finally:
            self._pump()
        if outcome in {FoldOutcome.BUSY, FoldOutcome.STALE}:
            raise Conflict(f"Not folded: {outcome.value}. Ask again in a moment.")

    async def _fold_on_demand(self, session_id: bytes) -> FoldOutcome:
        try:
            return await self._folder.fold(session_id, anyway=True)
        except ModelError as error:
            # The background goes on pausing, so a session that is parked stays so.
            await self._reasons.note(session_id, error, stays_parked=True)
            raise

    async def close(self) -> None:
        """Give up what is under way and start nothing more; nothing is lost by it."""
        await self._agenda.close()

    def _pump(self) -> None:
        """Start folds while there is room. Unless the circuit is closed, a timer starts one instead."""
        while self._breaker.circuit is Circuit.CLOSED and self._can_start:
            self._start_fold()

    @property
    def _can_start(self) -> bool:
        return self._queue.ready and self._slots.free and not self._agenda.closed

    def _start_fold(self) -> None:
        self._slots.acquire()
        self._agenda.start(self._fold(self._queue.take()))

    async def _fold(self, session_id: bytes) -> None:
        """One try, and what follows from it. The task's boundary: no error gets past."""
        pause: float | None = None
        try:
            pause = await self._try(session_id)
        except Exception:
            logger.exception("A fold failed in a way that was not foreseen; it is tried again later.")
            pause = self._seconds(LONGEST_PAUSE)
        finally:
            self._slots.release()
            self._settle(session_id, pause)
            self._pump()

    async def _try(self, session_id: bytes) -> float | None:
        """Fold once; seconds until the session's next turn, None if it needs none."""
        try:
            outcome = await self._folder.fold(session_id)
        except (ModelUnavailable, ModelRejected) as error:
            self._leave_model_alone(error)
            await self._reasons.note_if_possible(session_id, error)
            return 0.0
        except ModelError as error:
            return await self._refused(session_id, error)
        except StoreError as error:
            logger.warning("A fold waits for Redis: %s", error)
            return self._seconds(1)
        if outcome is FoldOutcome.DONE:
            self._breaker.answered()
        if outcome in {FoldOutcome.DONE, FoldOutcome.NOTHING}:
            self._parking.release(session_id)
        return {FoldOutcome.BUSY: BUSY_PAUSE, FoldOutcome.STALE: 0.0}.get(outcome)

    def _leave_model_alone(self, error: ModelError) -> None:
        pause = self._breaker.failed(error)
        if pause is not None:
            seconds = self._try_model_after(pause)
            logger.warning("%s Folds wait; next try in %.1f s.", error, seconds)

    async def _refused(self, session_id: bytes, error: ModelError) -> float:
        """Note that the session's summary was refused; seconds until it is tried again."""
        self._breaker.answered()
        refusal = self._parking.refuse(session_id)
        logger.warning("A summary was refused (%d): %s", refusal.count, error)
        await self._reasons.note_if_possible(session_id, error, parked=refusal.standing is Standing.PARKED)
        return self._seconds(refusal.pause)

    def _settle(self, session_id: bytes, pause: float | None) -> None:
        """Give the session its place in the queue: none, the last, or the last after a ``pause``."""
        if pause is None:
            self._queue.finish(session_id)
        elif pause == 0.0:
            self._queue.put_back(session_id)
        else:
            self._queue.rest(session_id)
            self._agenda.later(session_id, pause, lambda: self._wake(session_id))
        if not self._queue.folding and (model_pause := self._breaker.inconclusive()):
            self._try_model_after(model_pause)

    def _wake(self, session_id: bytes) -> None:
        self._queue.wake(session_id)
        self._pump()

    def _try_model_after(self, pause: float) -> float:
        """Set the timer that ends the model's pause; in how many seconds that is."""
        seconds = self._seconds(pause)
        self._agenda.later(TRIAL, seconds, self._try_model)
        return seconds

    def _try_model(self) -> None:
        """Have one fold try the model. Without any that waits, the next one that is scheduled does."""
        if self._breaker.circuit is not Circuit.OPEN:
            return
        if not self._queue.ready:
            self._breaker.answered()
        elif self._can_start:
            self._breaker.try_model()
            self._start_fold()
        else:
            self._try_model_after(1)  # folds on demand hold all slots, and are trying it

    def _seconds(self, pause: float) -> float:
        """``pause`` times the base pause, spread so that replicas do not march in step."""
        return self._settings.retry_seconds * pause * random.uniform(0.75, 1.25)
