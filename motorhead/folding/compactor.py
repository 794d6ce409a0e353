"""Folding in the background: which sessions are due, how many are folded at once, and when to retry.

None of this state is stored. The messages above a session's watermark say what remains to be folded, so the next
append or sweep finds whatever a dead process left undone.
"""

from __future__ import annotations

import logging
import random

from motorhead.config import FoldSettings
from motorhead.exceptions import ModelBusy, ModelError, ModelFailed, ModelRejected, ModelUnavailable, SessionBusy
from motorhead.folding.agenda import Agenda
from motorhead.folding.breaker import LONGEST_PAUSE, Breaker, Circuit
from motorhead.folding.folder import Folder, FoldOutcome
from motorhead.folding.parking import Parking, Standing
from motorhead.folding.queue import FoldQueue
from motorhead.folding.reasons import FoldReasons
from motorhead.folding.setbacks import Setbacks
from motorhead.folding.slots import Slots
from motorhead.metrics import Metrics
from motorhead.store.store import Store
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)

#: Seconds that a fold on demand waits for a slot.
PATIENCE = 10.0
#: Seconds before retrying a session that another replica was folding.
BUSY_PAUSE = 0.5
#: The name of the timer that ends the model's pause. A session's timer is named by the session's id.
TRIAL = "trial"


class Compactor:
    """Folds scheduled sessions, a bounded number at a time."""

    def __init__(self, store: Store, folder: Folder, settings: FoldSettings, metrics: Metrics) -> None:
        self._folder = folder
        self._settings = settings
        self._reasons = FoldReasons(store, settings)
        self._queue = FoldQueue()
        self._slots = Slots(settings.in_flight)
        self._breaker = Breaker()
        self._parking = Parking()
        self._setbacks = Setbacks()
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

    async def fold_now(self, session_id: bytes, patience: float = PATIENCE, *, through: int | None = None) -> None:
        """Fold the session down to half its window, ahead of those waiting in the background.

        ``through``: fold up to and including this message instead.
        Raises `ModelError`: the model gave no summary.
        Raises `NoSuchMessage`: the session has no message ``through``.
        Raises `SessionBusy`: another fold of the session is under way, or the session changed during this one.
        Raises `Overloaded`: no slot became free within ``patience`` seconds.
        """
        try:
            async with self._slots.held(patience):
                outcome = await self._fold_on_demand(session_id, through)
        finally:
            self._pump()
        if outcome in {FoldOutcome.BUSY, FoldOutcome.STALE}:
            raise SessionBusy(f"Not folded: {outcome.value}. Ask again in a moment.")

    async def _fold_on_demand(self, session_id: bytes, through: int | None) -> FoldOutcome:
        try:
            return await self._folder.fold(session_id, anyway=True, through=through)
        except ModelError as error:
            # The background keeps its pause, so a parked session stays parked.
            await self._reasons.note(session_id, error, stays_parked=True)
            logger.warning("A fold on demand failed: %s", error)
            raise

    async def close(self) -> None:
        """Cancel the folds under way and start no more; no messages are lost."""
        await self._agenda.close()

    def _pump(self) -> None:
        """Start folds while slots are free. Unless the circuit is closed, a timer starts the next one instead."""
        while self._breaker.circuit is Circuit.CLOSED and self._can_start:
            self._start_fold()

    @property
    def _can_start(self) -> bool:
        return self._queue.ready and self._slots.free and not self._agenda.closed

    def _start_fold(self) -> None:
        self._slots.acquire()
        self._agenda.start(self._fold(self._queue.take()))

    async def _fold(self, session_id: bytes) -> None:
        """Try to fold once and plan what follows. This is the top of the task: no error leaves it."""
        pause: float | None = None
        try:
            pause = await self._try(session_id)
        except Exception:
            logger.exception("A fold failed unexpectedly; it will be retried later.")
            pause = self._seconds(LONGEST_PAUSE)
        finally:
            self._slots.release()
            self._settle(session_id, pause)
            self._pump()

    async def _try(self, session_id: bytes) -> float | None:
        """Fold once; seconds until the session's next turn, or None if it needs no other."""
        try:
            outcome = await self._folder.fold(session_id)
        except ModelFailed as error:
            return await self._set_back(session_id, error)
        except (ModelUnavailable, ModelRejected) as error:
            self._leave_model_alone(session_id, error)
            await self._reasons.note_if_possible(session_id, error)
            return 0.0
        except ModelError as error:
            return await self._refused(session_id, error)
        except StoreError as error:
            logger.warning("A fold is waiting for Redis: %s", error)
            return self._seconds(1)
        if outcome is FoldOutcome.DONE:
            self._breaker.answered()
        if outcome in {FoldOutcome.DONE, FoldOutcome.NOTHING}:
            self._parking.release(session_id)
            self._setbacks.clear(session_id)
        return {FoldOutcome.BUSY: BUSY_PAUSE, FoldOutcome.STALE: 0.0}.get(outcome)

    def _leave_model_alone(self, session_id: bytes, error: ModelError) -> None:
        pause = self._breaker.failed(session_id, error)
        if pause is not None:
            seconds = self._try_model_after(pause)
            logger.warning("%s Folding is paused; next try in %.1f s.", error, seconds)

    async def _set_back(self, session_id: bytes, error: ModelFailed) -> float:
        """Let the session rest without a slot; seconds until its next try. A busy model says how long to wait."""
        self._leave_model_alone(session_id, error)
        await self._reasons.note_if_possible(session_id, error)
        pause = self._seconds(self._setbacks.add(session_id))
        if isinstance(error, ModelBusy) and error.seconds is not None:
            pause = error.seconds + self._seconds(1)
        logger.warning("%s A session's fold is tried again in %.1f s.", error, pause)
        return pause

    async def _refused(self, session_id: bytes, error: ModelError) -> float:
        """Note that the session's summary was refused; seconds until the next try."""
        self._breaker.answered()
        refusal = self._parking.refuse(session_id)
        logger.warning("A summary was refused (%d): %s", refusal.count, error)
        await self._reasons.note_if_possible(session_id, error, parked=refusal.standing is Standing.PARKED)
        return self._seconds(refusal.pause)

    def _settle(self, session_id: bytes, pause: float | None) -> None:
        """Move the session to the end of the queue, now or after ``pause``, or remove it (``pause``: None)."""
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
        """Set the timer that ends the model's pause; the seconds until then."""
        seconds = self._seconds(pause)
        self._agenda.later(TRIAL, seconds, self._try_model)
        return seconds

    def _try_model(self) -> None:
        """Have one waiting fold try the model; if none is waiting, the next one scheduled tries it."""
        if self._breaker.circuit is not Circuit.OPEN:
            return
        if not self._queue.ready:
            self._breaker.answered()
        elif self._can_start:
            self._breaker.try_model()
            self._start_fold()
        else:
            self._try_model_after(1)  # folds on demand hold all slots and are trying the model

    def _seconds(self, pause: float) -> float:
        """``pause`` times the base pause, with jitter so that replicas do not retry in step."""
        return self._settings.retry_seconds * pause * random.uniform(0.75, 1.25)
