"""Retrieval: an exact search for the messages of one session that are nearest to a text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from motorhead.messages import Recalled
from motorhead.recall.embeddings import Embedder, Vector
from motorhead.recall.vectors import Index, Vectors
from motorhead.store.store import Store

if TYPE_CHECKING:  # numpy is loaded only if there is a long-term memory
    import numpy as np
    from numpy.typing import NDArray

#: The most messages in an answer.
MOST = 10
#: Decimals of a distance in an answer.
DIGITS = 6


class Recall:
    """The long-term memory of all sessions. ``index_soon`` is called with the id of each session with gaps."""

    def __init__(self, store: Store, vectors: Vectors, embedder: Embedder, index_soon: Callable[[bytes], None]) -> None:
        import numpy  # noqa: F401 - slow to load; later a request would have to wait for it

        self._store = store
        self._vectors = vectors
        self._embedder = embedder
        self._index_soon = index_soon

    async def nearest(self, session_id: bytes, text: str) -> list[Recalled]:
        """The messages nearest to ``text``, at most ten; of equally near messages, the newer first.

        Vectors of another model or length find nothing and are replaced in the background.
        Raises `ModelError`: the text could not be embedded.
        """
        index = await self._vectors.index(session_id)
        if index is None:
            return []
        if index.indexed < index.last or index.model != self._embedder.model:
            self._index_soon(session_id)
        if index.model != self._embedder.model:
            return []
        [vector] = await self._embedder.embed([text])
        if not index.fits(self._embedder.model, len(vector)):
            self._index_soon(session_id)  # the model has changed under the same name
            return []
        return await self._recalled(session_id, index, await self._scan(session_id, index, vector))

    async def _scan(self, session_id: bytes, index: Index, vector: Vector) -> list[tuple[float, int]]:
        """Distances and numbers (negative, so that newer messages sort first) of the nearest messages."""
        nearest: list[tuple[float, int]] = []
        async for chunks in self._vectors.chunks(session_id, index):
            # One slice at a time, in a thread: other requests are served meanwhile, however long the session.
            nearest += await asyncio.to_thread(nearest_of, chunks, vector, index)
            nearest = sorted(nearest)[:MOST]
        return nearest

    async def _recalled(self, session_id: bytes, index: Index, found: list[tuple[float, int]]) -> list[Recalled]:
        numbers = [-number for _, number in found]
        messages = await self._store.messages_numbered(session_id, index.epoch, numbers)
        return [
            Recalled(message.role, message.content, round(distance, DIGITS), message.id, message.created_at)
            for (distance, _), message in zip(found, messages, strict=True)
            if message is not None
        ]


def nearest_of(chunks: Sequence[tuple[int, bytes]], vector: Vector, index: Index) -> list[tuple[float, int]]:
    """Distances and negative numbers of the messages nearest to ``vector``, among those counted by ``index``."""
    import numpy as np

    if not chunks:
        return []
    numbers = np.concatenate([np.arange(first, first + len(rows) // index.size) for first, rows in chunks])
    far = distances(b"".join(rows for _, rows in chunks), vector)
    counted = np.flatnonzero((numbers >= index.kept_from) & (numbers <= index.indexed) & ~np.isnan(far))
    order = counted[np.lexsort((-numbers[counted], far[counted]))[:MOST]]
    return [(float(far[place]), -int(numbers[place])) for place in order]


def distances(rows: bytes, vector: Vector) -> NDArray[np.float64]:
    """The cosine distance of each row from ``vector``, 0 to 2; NaN for a row of zeros, the mark of a refused text.

    Exact for the stored numbers: rounding to float16 makes lengths differ slightly from 1, so they are divided out.
    Rounded to 12 decimals, so that equal rows have equal distances.
    """
    import numpy as np

    wanted = np.frombuffer(vector, np.float16).astype(np.float64)
    matrix = np.frombuffer(rows, np.float16).reshape(-1, len(wanted)).astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix) * (wanted @ wanted))
    with np.errstate(invalid="ignore"):
        far: NDArray[np.float64] = np.clip(1 - (matrix @ wanted) / lengths, 0, 2).round(12)
    return far
