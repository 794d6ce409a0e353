"""One fold: read the messages above the watermark, summarise them, commit unless the session has changed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from enum import Enum

from motorhead.config import FoldSettings
from motorhead.exceptions import ModelError, ModelRejected, ModelUnavailable, NoSuchMessage
from motorhead.folding.portions import MOST_MESSAGES
from motorhead.folding.summarizer import Summarizer
from motorhead.folding.window import cut_of, is_due
from motorhead.folding.writer import REFUSALS, FoldWriter
from motorhead.messages import Message
from motorhead.metrics import Metrics
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Lease, Leases
from motorhead.store.state import State
from motorhead.store.store import Fold, Store, opening, read_opening
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)

#: How many messages are read for a batch: one more, which shows whether the last one is a question.
READ_AHEAD = MOST_MESSAGES + 1
#: How many messages are read beyond a full window when a fold begins: those of the turns that were under way.
SURPLUS = 8


class FoldOutcome(Enum):
    """The outcome of a fold."""

    DONE = "done"
    NOTHING = "nothing to fold"
    BUSY = "another fold of this session is under way"
    STALE = "the session changed during this one"


class Folder:
    """Folds one session at a time."""

    def __init__(
        self, store: Store, leases: Leases, summarizer: Summarizer, settings: FoldSettings, metrics: Metrics
    ) -> None:
        self._store = store
        self._leases = leases
        self._writer = FoldWriter(store, summarizer, settings, metrics)
        self._settings = settings
        self._metrics = metrics

    async def fold(self, session_id: bytes, *, anyway: bool = False, through: int | None = None) -> FoldOutcome:
        """Fold the session down to half its window if that is due, or in any case with ``anyway``.

        ``through``: fold up to and including this message instead; one that is folded already needs no fold. Batches
        committed before an error or a cancellation stay committed; no batch is committed in part.
        Raises `ModelError`: the model gave no summary.
        Raises `NoSuchMessage`: the session has no message ``through``.
        Raises `StoreError`: Redis did not answer or refused.
        """
        try:
            outcome = await self._fold(session_id, anyway, through)
        except (ModelError, StoreError) as error:
            self._count_failure(error)
            raise
        self._metrics.folds.add(1, outcome.name.lower())
        return outcome

    async def _fold(self, session_id: bytes, anyway: bool, through: int | None) -> FoldOutcome:
        key, expected = SessionKeys(session_id).lease, self._settings.window_size + SURPLUS
        async with self._leases.hold(key, *opening(session_id, expected)) as lease:
            if lease is None:
                return FoldOutcome.BUSY
            state, window = read_opening(lease.replies, expected)
            if state is None:
                self._writer.forget(session_id)
            if through is not None:
                await self._check(session_id, state, through)
            if state is None or not (anyway or through is not None or is_due(state, self._settings)):
                return FoldOutcome.NOTHING
            cut = await self._cut(session_id, state, window) if through is None else through
            return await self._fold_to(session_id, state, cut, window, lease)

    async def _check(self, session_id: bytes, state: State | None, number: int) -> None:
        """Raises `NoSuchMessage`: the session has no message with this ``number``, folded or not."""
        if state is None or (number > state.folded and not await self._store.messages(session_id, number, number, 1)):
            raise NoSuchMessage("The session has no message with this id; load the session again.")

    def _count_failure(self, error: ModelError | StoreError) -> None:
        if isinstance(error, StoreError):
            self._metrics.folds.add(1, "store failed")
        elif isinstance(error, ModelUnavailable | ModelRejected):
            self._metrics.folds.add(1, "model failed")
        else:
            self._metrics.folds.add(1, "refused")
            self._metrics.refused.add()

    async def _fold_to(
        self,
        session_id: bytes,
        state: State,
        cut: int,
        window: Sequence[Message] | None = None,
        lease: Lease | None = None,
    ) -> FoldOutcome:
        """Fold up to ``cut``, batch by batch. ``window``: all messages above the watermark, if they were read.

        ``lease`` is given back together with the last commit.
        """
        outcome = FoldOutcome.NOTHING
        while state.folded < cut:
            messages = await self._next(session_id, state, cut, window)
            if not messages:
                if cut - state.folded > state.gaps:  # otherwise they may all be withdrawn
                    logger.error("Messages above a watermark are missing; run `python -m motorhead fsck`.")
                return outcome
            fold = await self._fold_of(session_id, state, messages, trusted=outcome is FoldOutcome.DONE)
            if not await self._commit(session_id, fold, lease if fold.messages[-1].number >= cut else None):
                await self._writer.discard(session_id, fold)
                return FoldOutcome.STALE
            self._writer.forget(session_id)
            self._metrics.folded.add(len(fold.messages))
            outcome, window = FoldOutcome.DONE, None
            if fold.messages[-1].number >= cut:
                break
            changed = await self._store.fold_state(session_id)
            if changed is None or changed.epoch != state.epoch:
                return FoldOutcome.STALE
            state = changed
        return outcome

    async def _commit(self, session_id: bytes, fold: Fold, lease: Lease | None) -> bool:
        """Commit ``fold`` and give ``lease`` back. Whether the session had not changed."""
        if lease is None:
            return await self._store.commit_fold(session_id, fold)
        # Where Redis has lost its scripts, the second may run first. A lease that ends early costs work at most.
        committed = await self._store.commit_fold(session_id, fold, lease.release)
        lease.released = True
        return committed

    async def _next(
        self, session_id: bytes, state: State, cut: int, window: Sequence[Message] | None
    ) -> Sequence[Message]:
        """The next messages to fold, oldest first, and perhaps one more."""
        if window is None:
            return await self._store.messages(session_id, state.folded + 1, cut, READ_AHEAD)
        return [message for message in window if message.number <= cut][:READ_AHEAD]

    async def _fold_of(self, session_id: bytes, state: State, messages: Sequence[Message], *, trusted: bool) -> Fold:
        """The fold of the first of ``messages``. ``trusted``: the model has just written a summary."""
        try:
            return await self._writer.write(session_id, state, messages)
        except REFUSALS as error:
            if not trusted:
                await self._writer.check_model(session_id, state, error)
        return await self._writer.write_past(session_id, state, messages)

    async def _cut(self, session_id: bytes, state: State, window: Sequence[Message] | None) -> int:
        newest = window if window is not None else await self._store.newest(session_id, state, self._settings.keep + 1)
        return cut_of(newest[-self._settings.keep - 1 :], state, self._settings)
