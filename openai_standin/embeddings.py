"""Embeddings without weights: hashed words and letter triples, so that texts that share them are close."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from array import array
from collections.abc import Iterator

from openai_standin.vocabulary import STOP_WORDS, plain_words, stem

DIMENSIONS, MOST_DIMENSIONS = 1536, 3072
#: The most characters of a text that count.
MOST_CHARACTERS = 100_000


def embed(text: str, dimensions: int = DIMENSIONS) -> array[float]:
    """A vector of length 1 with ``dimensions`` float32 values; equal texts have equal vectors."""
    weights = [0.0] * dimensions
    for feature, weight in _features(text[:MOST_CHARACTERS]):
        digest = zlib.crc32(feature.encode())
        weights[digest % dimensions] += weight if digest & 0x80000000 else -weight
    length = math.hypot(*weights) or 1.0
    return array("f", (weight / length for weight in weights))


def to_base64(vector: array[float]) -> str:
    """``vector`` as little-endian float32 values in base64, the format that the openai package requests."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _features(text: str) -> Iterator[tuple[str, float]]:
    words = plain_words(text)
    if not words:
        yield "=" + text, 1.0
    for word in words:
        yield stem(word), 0.1 if word in STOP_WORDS else 1.0
    for padded in (f" {stem(word)} " for word in words if word not in STOP_WORDS):
        for start in range(len(padded) - 2):
            yield "~" + padded[start : start + 3], 0.15
