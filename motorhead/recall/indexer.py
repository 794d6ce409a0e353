"""Embedding messages in the background. Every message after the stored number ``indexed`` still needs a vector."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

from motorhead.exceptions import (
    ModelBusy,
    ModelError,
    ModelRejected,
    ModelUnavailable,
    TextTooLarge,
)
from motorhead.metrics import Metrics
from motorhead.model.reasoning import spoken
from motorhead.recall.embeddings import LONGEST_TEXT, WHAT, Embedder, Vector
from motorhead.recall.vectors import Index, Vectors
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.exceptions import StoreError, StoreRefused

logger = logging.getLogger(__name__)

#: Messages per request, sessions indexed at a time, and the longest pause after failures (in base pauses).
BATCH = 64
WORKERS = 4
LONGEST_PAUSE = 60
#: A refused text is halved until it has at most this many characters.
SHORTEST_TEXT = 500
#: A text that no model refuses, embedded to learn the length of vectors.
HARMLESS = "hello"


class Indexer:
    """Embeds the new messages of scheduled sessions. ``retry_seconds``: the base pause after a failure."""

    def __init__(
        self,
        store: Store,
        vectors: Vectors,
        leases: Leases,
        embedder: Embedder,
        retry_seconds: float,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._vectors = vectors
        self._leases = leases
        self._embedder = embedder
        self._retry_seconds = retry_seconds
        self._metrics = metrics
        self._waiting: dict[bytes, None] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._failures = 0
        metrics.gauge("motorhead_index_waiting", "Sessions waiting to be indexed.", lambda: len(self._waiting))

    def schedule(self, session_id: bytes) -> None:
        """Index the session soon. Cheap, and harmless when repeated."""
        self._waiting[session_id] = None
        self._wake.set()

    async def look(self, session_id: bytes, state: State) -> None:
        """Index the session soon, whatever its state. A sweep calls this to find gaps that went unnoticed."""
        self.schedule(session_id)

    async def index(self, session_id: bytes) -> None:
        """Embed all messages of the session without a vector. Raises `ModelError`: the model did not embed them.

        Vectors of another model, or of another length than the model's present one, are replaced.
        """
        async with self._leases.hold(SessionKeys(session_id).index_lease) as held:
            if not held:  # another replica is indexing it; check later whether it has finished
                self._retry_later(session_id)
            while held and await self._batch(session_id):
                pass

    def start(self) -> None:
        """Start the workers."""
        self._tasks = [asyncio.create_task(self._work(), name="indexer") for _ in range(WORKERS)]

    async def close(self) -> None:
        """Stop the workers. Work in progress is abandoned, but nothing is lost."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _batch(self, session_id: bytes) -> bool:
        """Embed the next messages; returns whether to go on at once, because there may be more."""
        index = await self._vectors.index(session_id)
        if index is None:
            return False
        first = self._vectors.first_missing(index, self._embedder.model, self._embedder.size)
        found = await self._store.messages(session_id, first, index.last, BATCH) if index.last >= first else []
        # A damaged message leaves a gap; rows are stored without gaps, so the batch ends there.
        messages = [message for place, message in enumerate(found) if message.number == found[0].number + place]
        if not messages:
            return False
        rows = await self._rows([spoken(message) for message in messages])
        self._check(rows, index, first)
        stored = await self._vectors.append(session_id, index, self._embedder.model, messages[0].number, rows)
        self._metrics.indexed.add(len(rows) if stored else 0)
        if not stored:  # deleted or indexed meanwhile; retrying at once might never end
            self._retry_later(session_id)
        return stored

    def _retry_later(self, session_id: bytes) -> None:
        asyncio.get_running_loop().call_later(self._retry_seconds, self.schedule, session_id)

    def _check(self, rows: Sequence[Vector], index: Index, first: int) -> None:
        """Raises `ModelUnavailable`: ``rows`` do not have the length with which ``first`` was determined."""
        sizes = {len(row) for row in rows}
        if len(sizes) > 1 or self._vectors.first_missing(index, self._embedder.model, len(rows[0])) != first:
            raise ModelUnavailable(f"The {WHAT} gives vectors of a different length than before.")

    async def _rows(self, texts: Sequence[str]) -> list[Vector]:
        """A vector for each of ``texts``; zeros, which retrieval skips, for texts that the model refuses."""
        try:
            return await self._embedder.embed(texts)
        except TextTooLarge as error:
            logger.warning("%s The texts of this batch are embedded one by one.", error)
        rows = [await self._row(text) for text in texts]
        known = next((row for row in rows if row is not None), None)
        zeros = bytes(len(known or (await self._embedder.embed([HARMLESS]))[0]))
        return [zeros if row is None else row for row in rows]

    async def _row(self, text: str) -> Vector | None:
        """The vector of ``text``, or of the longest beginning that the model accepts; None if it refuses all."""
        while True:
            try:
                return (await self._embedder.embed([text]))[0]
            except TextTooLarge:
                if len(text) <= SHORTEST_TEXT:
                    return None
                text = text[: min(len(text), LONGEST_TEXT) // 2]

    async def _work(self) -> None:
        """Index one session after another. All errors are handled here."""
        while True:
            session_id = await self._next()
            try:
                await self.index(session_id)
                self._failures = 0
            except (TextTooLarge, StoreRefused) as error:
                self._postpone(session_id, error)
            except (ModelError, StoreError) as error:
                self._waiting[session_id] = None
                await self._pause(error)
            except Exception:
                logger.exception("Indexing failed unexpectedly; a sweep will try it again.")

    async def _next(self) -> bytes:
        """The session that has waited longest; waits until there is one."""
        while not self._waiting:
            self._wake.clear()
            await self._wake.wait()
        session_id = next(iter(self._waiting))
        del self._waiting[session_id]
        return session_id

    def _postpone(self, session_id: bytes, error: TextTooLarge | StoreRefused) -> None:
        """Try this session again much later, and go on with the others."""
        logger.warning("%s The indexing of one session is postponed.", error)
        pause = self._retry_seconds * LONGEST_PAUSE * random.uniform(0.75, 1.25)
        asyncio.get_running_loop().call_later(pause, self.schedule, session_id)

    async def _pause(self, error: ModelError | StoreError) -> None:
        """Pause after a failure: longer after each further one, and at least as long as a busy model asks."""
        factor = LONGEST_PAUSE if isinstance(error, ModelRejected) else min(2**self._failures, LONGEST_PAUSE)
        asked = error.seconds if isinstance(error, ModelBusy) else None
        pause = max(self._retry_seconds * factor * random.uniform(0.75, 1.25), asked or 0.0)
        self._failures += 1
        logger.warning("%s Indexing pauses; next try in %.1f s.", error, pause)
        await asyncio.sleep(pause)
