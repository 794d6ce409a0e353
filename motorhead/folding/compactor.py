"""Folding in the background: which sessions are due, how many at once, and when to try again.

Nothing here is worth keeping: what has to be folded is what lies above a session's watermark, so a process that
dies forgets nothing that the next append or sweep does not find again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

from motorhead.config import FoldSettings
from motorhead.exceptions import (
    Conflict,
    ModelError,
    ModelRejected,
    ModelUnavailable,
)
from motorhead.folding.folder import Folder, Outcome, is_due
from motorhead.folding.slots import Places
from motorhead.metrics import Metrics
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)

#: After so many refusals of its summary a session's fold is parked.
REFUSALS_BEFORE_PARKING = 3
#: Seconds for which a fold on demand waits for its turn while as many folds are under way as may be.
PATIENCE = 10.0
#: The longest pause, as multiples of ``retry_seconds``: of a failing model, of a parked session.
LONGEST_PAUSE = 60
PARKED_PAUSE = 300


class Compactor:
    """Folds the sessions that are scheduled, a bounded number at a time."""

    def __init__(self, store: Store, folder: Folder, settings: FoldSettings, metrics: Metrics) -> None:
        self._store = store
        self._folder = folder
        self._settings = settings
        self._metrics = metrics
        metrics.gauge("motorhead_folds_in_flight", "Folds under way.", lambda: self._places.taken)
        metrics.gauge("motorhead_folds_waiting", "Sessions that wait for a fold.", lambda: self.waiting)
        metrics.gauge("motorhead_fold_lag_seconds", "How long the oldest of them has waited.", lambda: self.lag)
        self._places = Places(settings.in_flight)
        self._queue: deque[bytes] = deque()
        self._known: dict[bytes, float] = {}
        self._again: set[bytes] = set()
        self._refusals: dict[bytes, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._folding = 0
        self._closed = False
        self._failures = 0
        self._trouble: ModelError | None = None
        self._probe: asyncio.TimerHandle | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    def schedule(self, session_id: bytes) -> None:
        """Fold the session soon. Cheap, and harmless to say twice."""
        if not self._settings.enabled:
            return
        if session_id in self._known:
            self._again.add(session_id)
            return
        self._known[session_id] = monotonic()
        self._queue.append(session_id)
        if self._trouble is not None:
            self._start(self._note_safely(session_id, self._trouble))
        self._pump()

    @property
    def waiting(self) -> int:
        """How many sessions wait for a fold, those under way not counted."""
        return len(self._known) - self._folding

    @property
    def lag(self) -> float:
        """Seconds for which the session that has waited longest waits for its fold; 0 if none does."""
        return monotonic() - next(iter(self._known.values())) if self._known else 0.0

    async def fold_now(self, session_id: bytes, patience: float = PATIENCE) -> None:
        """Fold the session down to half its window and return when that is done.

        It has its turn before those that wait in the background. ModelError: why it could not be. Conflict: another
        fold of it is under way or the session changed. Overloaded: ``patience`` seconds brought it no turn.
        """
        try:
            async with self._places.held(patience):
                outcome = await self._fold_on_demand(session_id)
        finally:
            self._pump()
        if outcome in {Outcome.BUSY, Outcome.STALE}:
            raise Conflict(f"Not folded: {outcome.value}. Ask again in a moment.")

    async def _fold_on_demand(self, session_id: bytes) -> Outcome:
        try:
            return await self._counted_fold(session_id, anyway=True)
        except ModelError as error:
            await self._note(session_id, error, parked=isinstance(error, ModelRejected), stays=True)
            raise

    async def close(self) -> None:
        """Give up what is under way and start nothing more; nothing is lost by it."""
        self._closed = True
        for timer in self._timers:
            timer.cancel()
        self._queue.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _pump(self) -> None:
        """Start folds while there is room; while the model is in trouble a timer starts one to try it."""
        while self._queue and self._trouble is None and self._places.free:
            if self._closed:
                return
            self._start_fold()

    def _start_fold(self) -> None:
        self._places.take()
        self._folding += 1
        self._start(self._fold(self._queue.popleft()))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fold(self, session_id: bytes) -> None:
        """One try, and what follows from it. The task's boundary: no error gets past."""
        pause: float | None = None
        try:
            pause = await self._try(session_id)
        except Exception:
            logger.exception("A fold failed in a way that was not foreseen; it is tried again later.")
            pause = self._pause(LONGEST_PAUSE)
        finally:
            self._folding -= 1
            self._places.give_back()
            if pause is None and session_id in self._again:
                pause = 0.0
            self._again.discard(session_id)
            self._queue_again(session_id, pause)
            self._keep_trying()
            self._pump()

    async def _try(self, session_id: bytes) -> float | None:
        """Fold once; seconds until the session's next turn, None if it needs none."""
        try:
            outcome = await self._counted_fold(session_id)
        except (ModelUnavailable, ModelRejected) as error:
            await self._model_in_trouble(session_id, error)
            return 0.0
        except ModelError as error:
            return await self._refused(session_id, error)
        except StoreError as error:
            logger.warning("A fold waits for Redis: %s", error)
            return self._pause(1)
        if outcome is Outcome.DONE:
            self._model_answers(session_id)
        return {Outcome.BUSY: 0.5, Outcome.STALE: 0.0}.get(outcome)

    async def _counted_fold(self, session_id: bytes, *, anyway: bool = False) -> Outcome:
        """As the folder's ``fold``; what it came to, or failed at, is counted."""
        try:
            outcome = await self._folder.fold(session_id, anyway=anyway)
        except (ModelUnavailable, ModelRejected):
            self._metrics.folds.add(1, "model failed")
            raise
        except ModelError:
            self._metrics.folds.add(1, "refused")
            self._metrics.refused.add()
            raise
        except StoreError:
            self._metrics.folds.add(1, "store failed")
            raise
        self._metrics.folds.add(1, outcome.name.lower())
        return outcome

    def _model_answers(self, session_id: bytes) -> None:
        self._failures, self._trouble = 0, None
        self._refusals.pop(session_id, None)

    async def _model_in_trouble(self, session_id: bytes, error: ModelError) -> None:
        """Leave the model alone for a while, longer each time; then one session tries it."""
        self._trouble = error
        if self._probe is None:
            rejected = isinstance(error, ModelRejected)
            pause = self._pause(LONGEST_PAUSE if rejected else min(2**self._failures, LONGEST_PAUSE))
            logger.warning("%s Folds wait; next try in %.1f s.", error, pause)
            self._failures += 1
            self._probe = self._later(pause, self._try_the_model)
        await self._note_safely(session_id, error)

    def _keep_trying(self) -> None:
        """When the session that was to try the model told nothing about it, let another one try."""
        if self._trouble is not None and self._probe is None and not self._folding:
            self._probe = self._later(self._pause(1), self._try_the_model)

    def _try_the_model(self) -> None:
        self._probe = None
        if self._queue and not self._places.free:
            self._probe = self._later(self._pause(1), self._try_the_model)  # folds on demand are trying it
        elif self._queue and not self._closed:
            self._start_fold()
        else:
            self._failures, self._trouble = 0, None

    async def _refused(self, session_id: bytes, error: ModelError) -> float:
        """This session's summary was refused: try again later, and say so when that has not helped."""
        self._failures, self._trouble = 0, None
        refusals = self._refusals[session_id] = self._refusals.get(session_id, 0) + 1
        parked = refusals >= REFUSALS_BEFORE_PARKING
        logger.warning("A summary was refused (%d): %s", refusals, error)
        await self._note_safely(session_id, error, parked=parked)
        return self._pause(PARKED_PAUSE if parked else 2**refusals)

    async def _note_safely(self, session_id: bytes, error: ModelError, *, parked: bool = False) -> None:
        """Let readers of the session know why its fold waits, if Redis can be told."""
        try:
            await self._note(session_id, error, parked or isinstance(error, ModelRejected))
        except StoreError as store_error:
            logger.warning("The reason of a waiting fold could not be noted: %s", store_error)

    async def _note(self, session_id: bytes, error: ModelError, parked: bool, *, stays: bool = False) -> None:
        """Note the reason. ``stays``: a session that is parked is so still, for the background goes on pausing."""
        state: State | None = await self._store.state(session_id)
        if state is not None and is_due(state, self._settings):
            await self._store.note_fold(session_id, state.epoch, str(error), parked or (stays and state.parked))

    def _queue_again(self, session_id: bytes, pause: float | None) -> None:
        if pause is None:
            self._known.pop(session_id, None)
        elif pause == 0.0:
            self._queue.append(session_id)
        else:
            self._later(pause, lambda: self._rejoin(session_id))

    def _rejoin(self, session_id: bytes) -> None:
        self._queue.append(session_id)
        self._pump()

    def _later(self, pause: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        def fire() -> None:
            self._timers.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(pause, fire)
        self._timers.add(timer)
        return timer

    def _pause(self, factor: float) -> float:
        """``factor`` times the base pause, spread so that replicas do not march in step."""
        return self._settings.retry_seconds * factor * random.uniform(0.75, 1.25)
