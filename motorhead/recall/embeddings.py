"""Embeddings: a unit vector for a text, as the bytes of float16 numbers in which it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from motorhead.config import ModelSettings
from motorhead.exceptions import ModelUnavailable
from motorhead.messages import UNREADABLE
from motorhead.metrics import Metrics
from motorhead.model.client import ModelClient
from motorhead.usage import spent

WHAT = "embedding model"
#: Of longer texts the beginning is embedded: the usual models take about 8,000 tokens.
LONGEST_TEXT = 8_000

Vector = bytes


class Embedder(Protocol):
    """Whoever can make vectors. ``model`` and ``size`` tell one kind of vector from another.

    ``size``: the bytes of its last vectors, 0 before the first. A model may change behind its name.
    """

    model: str
    size: int

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A unit vector for each of ``texts``, all of one length. A ModelError says why there are none."""

    async def close(self) -> None:
        """Close what it has open."""


class _Embedding(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Embeddings(msgspec.Struct):
    """The part of the model's answer that is read here."""

    data: list[_Embedding]
    usage: Any = None


class ModelEmbedder:
    """Asks an embedding model through the ``openai`` package."""

    def __init__(self, settings: ModelSettings, metrics: Metrics) -> None:
        deployment = settings.azure.embedding_deployment if settings.azure else None
        self._client = ModelClient(settings, deployment, WHAT)
        self._metrics = metrics
        self.model = deployment or settings.embedding
        self.size = 0

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """See Embedder."""
        # The models refuse an empty text, although a message may be empty.
        texts = [text[:LONGEST_TEXT] or " " for text in texts]
        question = {"model": self.model, "input": texts, "encoding_format": "float"}
        with self._metrics.embedding.timed():
            answer = _decode(await self._client.ask("/embeddings", question), len(texts))
        self._metrics.tokens.add(spent(answer.usage, "prompt_tokens"), "embedding")
        vectors = unit_vectors([row.embedding for row in sorted(answer.data, key=lambda row: row.index)])
        self.size = len(vectors[0])
        return vectors

    async def close(self) -> None:
        """Close the client's connections."""
        await self._client.close()


def unit_vectors(rows: Sequence[Sequence[float]]) -> list[Vector]:
    """``rows``, however large their numbers, scaled to length 1; a row of zeros stays as it is."""
    import numpy as np

    matrix = np.asarray(rows, dtype=np.float64)
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    matrix /= np.where(largest == 0, 1, largest)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return [row.tobytes() for row in (matrix / np.where(lengths == 0, 1, lengths)).astype(np.float16)]


def _decode(body: bytes, count: int) -> _Embeddings:
    try:
        answer = msgspec.json.decode(body, type=_Embeddings)
    except UNREADABLE as error:
        raise ModelUnavailable(f"The {WHAT} gave an answer that cannot be read.") from error
    if len(answer.data) != count or len({len(row.embedding) for row in answer.data}) != 1:
        raise ModelUnavailable(f"The {WHAT} gave another number of vectors than it was asked for.")
    if not answer.data[0].embedding:
        raise ModelUnavailable(f"The {WHAT} gave vectors without a number in them.")
    return answer
