"""Embeddings without weights: hashed words and letter triples, so that texts which share them are near."""

from __future__ import annotations

import base64
import math
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator

from openai_standin.vocabulary import STOP_WORDS, plain_words, stem

DIMENSIONS = 1536
#: Characters that are read of a text.
MOST_CHARACTERS = 100_000


def embed(text: str, dimensions: int = DIMENSIONS) -> array[float]:
    """``dimensions`` float32 values, a vector of length 1; equal texts have equal vectors."""
    weights: Counter[int] = Counter()
    for feature, weight in _features(text[:MOST_CHARACTERS]):
        digest = zlib.crc32(feature.encode())
        weights[digest % dimensions] += weight if digest & 0x80000000 else -weight  # type: ignore[assignment]
    length = math.hypot(*weights.values()) or 1.0
    vector = array("f", bytes(4 * dimensions))
    for place, weight in weights.items():
        vector[place] = weight / length
    return vector


def to_base64(vector: array[float]) -> str:
    """The little-endian float32 values of ``vector`` in base64, as the openai package asks for them."""
    if sys.byteorder == "big":
        vector = array("f", vector)
        vector.byteswap()
    return base64.b64encode(vector.tobytes()).decode()


def _features(text: str) -> Iterator[tuple[str, float]]:
    words = plain_words(text)
    if not words:
        yield "=" + text, 1.0
    for word in words:
        yield stem(word), 0.1 if word in STOP_WORDS else 1.0
    for padded in (f" {stem(word)} " for word in words if word not in STOP_WORDS):
        for start in range(len(padded) - 2):
            yield "~" + padded[start : start + 3], 0.15
