"""Embeddings without weights: hashed words, word pairs and letter triples, so that texts which share them are near."""

from __future__ import annotations

import base64
import math
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from openai_standin.vocabulary import STOP_WORDS
from openai_standin.words import plain_words, stem

DIMENSIONS = 1536
MOST_CHARACTERS = 100_000

_WORD, _STOP_WORD, _PAIR, _TRIPLE = 1.0, 0.1, 0.5, 0.15


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
    """The little-endian float32 values of ``vector`` in base64, which is what the openai package asks for."""
    if sys.byteorder == "big":
        vector = array("f", vector)
        vector.byteswap()
    return base64.b64encode(vector.tobytes()).decode()


def _features(text: str) -> Iterator[tuple[str, float]]:
    words = plain_words(text)
    stems = [stem(word) for word in words if word not in STOP_WORDS]
    if not words:
        yield "=" + text, _WORD
    for word in words:
        if word in STOP_WORDS:
            yield word, _STOP_WORD
    for word in stems:
        yield word, _WORD
        padded = f" {word} "
        for start in range(len(padded) - 2):
            yield "~" + padded[start : start + 3], _TRIPLE
    for pair in pairwise(stems):
        yield " ".join(pair), _PAIR
