"""Starting and stopping the background work: folds, indexing, sweeps."""

from __future__ import annotations

import asyncio

from motorhead.folding.compactor import Compactor
from motorhead.recall.indexer import Indexer
from motorhead.upkeep.sweep import Sweep


class Background:
    """The background work of one process. ``indexer``: only with a long-term memory."""

    def __init__(self, sweep: Sweep, compactor: Compactor, indexer: Indexer | None) -> None:
        self._sweep = sweep
        self._compactor = compactor
        self._indexer = indexer
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the work."""
        if self._indexer is not None:
            self._indexer.start()
        self._sweeping = asyncio.create_task(self._sweep.run(), name="sweep")

    async def stop(self) -> None:
        """Stop the work. Work in progress is abandoned, but nothing is lost."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        await self._compactor.close()
        if self._indexer is not None:
            await self._indexer.close()
