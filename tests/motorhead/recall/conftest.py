"""Fixtures of the tests of the long-term memory: an embedding model that counts letters, and an indexer using it."""

from __future__ import annotations

from collections.abc import Sequence

from motorhead.metrics import Metrics
from motorhead.recall.embeddings import Vector, unit_vectors
from motorhead.recall.indexer import Indexer
from motorhead.recall.vectors import Vectors
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.link import RedisLink

ID = b"s"


class LetterEmbedder:
    """Counts letters: texts with the same letters are near each other."""

    def __init__(self, model: str = "letters") -> None:
        self.model = model
        self.size = 0
        self.letters = 26
        self.orders: list[Exception] = []
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        if self.orders:
            raise self.orders.pop(0)
        self.texts += texts
        vectors = unit_vectors([[text.count(chr(97 + n)) + 0.01 for n in range(self.letters)] for text in texts])
        self.size = len(vectors[0])
        return vectors

    async def close(self) -> None:
        """Nothing to close."""


def indexer(link: RedisLink, embedder: LetterEmbedder) -> Indexer:
    return Indexer(Store(link), Vectors(link), Leases(link), embedder, 0.01, Metrics())


async def rows_of(link: RedisLink, session: bytes = ID) -> int:
    """The number of vectors of the session."""
    index = await Vectors(link).index(session)
    assert index is not None
    return sum([len(rows) // 52 async for chunks in Vectors(link).chunks(session, index) for _, rows in chunks])
