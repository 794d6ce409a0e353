"""Embeddings: the unit vector of a text, as the bytes of float16 numbers in which it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from motorhead.config import ModelSettings
from motorhead.exceptions import ModelUnavailable
from motorhead.messages import UNREADABLE
from motorhead.metrics import Metrics
from motorhead.model.client import ModelClient, unreadable
from motorhead.usage import spent

WHAT = "embedding model"
#: Characters of a text that are embedded; the rest is left out. The usual models accept about 8,000 tokens.
LONGEST_TEXT = 8_000

Vector = bytes


class Embedder(Protocol):
    """Makes vectors. Only vectors of the same ``model`` and ``size`` can be compared.

    ``size``: the bytes of the latest vectors, 0 before the first. It may change, as a provider may change a model
    under the same name.
    """

    model: str
    size: int

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A unit vector for each of ``texts``, all of the same length. Raises `ModelError`: the model gave none."""

    async def close(self) -> None:
        """Release its connections."""


class _Embedding(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Embeddings(msgspec.Struct):
    """The parts of the model's answer that are used."""

    data: list[_Embedding]
    usage: Any = None


class ModelEmbedder:
    """Gets vectors from an embedding model."""

    def __init__(self, settings: ModelSettings, metrics: Metrics) -> None:
        deployment = settings.azure.embedding_deployment if settings.azure else None
        self._client = ModelClient(settings, deployment, WHAT)
        self._metrics = metrics
        self.model = deployment or settings.embedding
        self.size = 0

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """See Embedder."""
        # Models refuse empty texts, but a message may be empty.
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
    """``rows`` scaled to length 1, however large their numbers; a row of zeros stays as it is."""
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
        raise unreadable(WHAT) from error
    if len(answer.data) != count or len({len(row.embedding) for row in answer.data}) != 1:
        raise ModelUnavailable(f"The {WHAT} gave the wrong number of vectors, or vectors of different lengths.")
    if not answer.data[0].embedding:
        raise ModelUnavailable(f"The {WHAT} gave empty vectors.")
    return answer
