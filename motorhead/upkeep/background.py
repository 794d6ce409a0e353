"""Everything that happens without a request: folds, indexing, sweeps, retention."""

from __future__ import annotations

import asyncio

from motorhead.config import Settings
from motorhead.folding.compactor import Compactor
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.folding.summarizer import Summarizer
from motorhead.metrics import Metrics
from motorhead.recall.retrieval import Recall
from motorhead.store.leases import Leases
from motorhead.store.listing import Listing
from motorhead.store.state import State
from motorhead.store.store import Store
from motorhead.upkeep.erasure import Erasure
from motorhead.upkeep.retention import Retention
from motorhead.upkeep.sweep import Sweep
from redis_link.link import Link


class Background:
    """The background work of one process. ``recall`` is None unless there is a long-term memory."""

    def __init__(
        self,
        settings: Settings,
        link: Link,
        store: Store,
        listing: Listing,
        summarizer: Summarizer,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        folder = Folder(store, Leases(link), summarizer, settings.fold, metrics)
        self.compactor = Compactor(store, folder, settings.fold, metrics)
        self.due = DueFolds(settings.fold, self._fold_soon)
        self.recall = Recall(settings, link, store, metrics) if settings.long_term_memory else None
        self.erasure = Erasure(link, settings.retention.erase)
        retention = Retention(settings.retention, link, store, listing, metrics, self.erasure)
        looks = [self.due.look, self._look_for_gaps, retention.look]
        chores = [retention.drop_idle_sessions, self.erasure.carry_out]
        self._sweep = Sweep(link, store, settings.fold.sweep_seconds, looks, chores)
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        if self.recall is not None:
            self.recall.indexer.start()
        self._sweeping = asyncio.create_task(self._sweep.run(), name="sweep")

    async def stop(self) -> None:
        """Give up what is under way; nothing is lost by it."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        await self.compactor.close()
        if self.recall is not None:
            await self.recall.close()

    def index_soon(self, session_id: bytes) -> None:
        """Embed the session's messages in the background, if there is a long-term memory."""
        if self.recall is not None:
            self.recall.indexer.schedule(session_id)

    def _fold_soon(self, session_id: bytes) -> None:
        """Fold the session in the background, if there is a model to do it."""
        if self._settings.models.configured:
            self.compactor.schedule(session_id)

    async def _look_for_gaps(self, session_id: bytes, state: State) -> None:
        self.index_soon(session_id)
