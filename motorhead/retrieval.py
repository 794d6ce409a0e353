"""Retrieval: the messages of one session that are nearest to a text. Exact, and within the session by construction."""

from __future__ import annotations

from motorhead.config import Settings
from motorhead.embeddings import Embedder, ModelEmbedder, Vector
from motorhead.indexing import Indexer
from motorhead.leases import Leases
from motorhead.messages import Recalled
from motorhead.metrics import Metrics
from motorhead.redis_link import Link
from motorhead.store import Store
from motorhead.vectors import Index, Vectors

#: How many messages are answered at most.
MOST = 10


class Recall:
    """The long-term memory of all sessions: its ``indexer`` works in the background.

    ``embedder``: in the place of the model that the settings name.
    """

    def __init__(
        self, settings: Settings, link: Link, store: Store, metrics: Metrics, embedder: Embedder | None = None
    ) -> None:
        self._store = store
        self._vectors = Vectors(link)
        self._embedder = embedder or ModelEmbedder(settings.models, metrics)
        self.indexer = Indexer(store, self._vectors, Leases(link), self._embedder, settings.fold.retry_seconds, metrics)

    async def nearest(self, session_id: bytes, text: str) -> list[Recalled]:
        """The messages nearest to ``text``, at most ten; of equal ones the newer first.

        None is found by a vector of another model or length; those are made anew in the background.
        A ModelError says why the text could not be embedded.
        """
        index = await self._vectors.index(session_id)
        if index is None:
            return []
        if index.indexed < index.last or index.model != self._embedder.model:
            self.indexer.schedule(session_id)
        if index.model != self._embedder.model:
            return []
        [vector] = await self._embedder.embed([text])
        if not index.fits(self._embedder.model, len(vector)):
            self.indexer.schedule(session_id)  # the model was changed behind its name
            return []
        return await self._told(session_id, index, await self._scan(session_id, index, vector))

    async def close(self) -> None:
        """End the background work and the connections to the model."""
        await self.indexer.close()
        await self._embedder.close()

    async def _scan(self, session_id: bytes, index: Index, vector: Vector) -> list[tuple[float, int]]:
        """Distance and number (negative, so that newer sorts first) of the nearest messages."""
        nearest: list[tuple[float, int]] = []
        async for first, rows in self._vectors.chunks(session_id, index):
            for offset, distance in enumerate(distances(rows, vector)):
                number = first + offset
                row = rows[offset * len(vector) : (offset + 1) * len(vector)]
                # Zeros stand for a text that the model refused: near to nothing.
                if index.kept_from <= number <= index.indexed and any(row):
                    nearest.append((distance, -number))
            nearest = sorted(nearest)[:MOST]
        return nearest

    async def _told(self, session_id: bytes, index: Index, found: list[tuple[float, int]]) -> list[Recalled]:
        numbers = [-number for _, number in found]
        messages = await self._store.messages_numbered(session_id, index.epoch, numbers)
        return [
            Recalled(message.role, message.content, distance, message.id, message.created_at)
            for (distance, _), message in zip(found, messages, strict=True)
            if message is not None
        ]


def distances(rows: bytes, vector: Vector) -> list[float]:
    """The cosine distance of each row from ``vector``, rounded so that equal texts are equally far."""
    import numpy as np

    wanted = np.frombuffer(vector, np.float16).astype(np.float32)
    matrix = np.frombuffer(rows, np.float16).reshape(-1, len(wanted)).astype(np.float32)
    return [round(float(distance), 6) for distance in 1 - matrix @ wanted]
