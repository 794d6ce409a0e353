"""Requests to the embedding model, and how its answers are used."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from motorhead.config import ModelSettings
from motorhead.exceptions import ModelUnavailable
from motorhead.metrics import Metrics
from motorhead.recall.embeddings import LONGEST_TEXT, ModelEmbedder, _decode, unit_vectors
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE


def test_vectors_without_numbers_are_refused() -> None:
    """Empty vectors are refused; otherwise a session would be indexed again and again."""
    with pytest.raises(ModelUnavailable, match="empty vectors"):
        _decode(b'{"data":[{"embedding":[]},{"embedding":[]}]}', 2)


def test_vectors_of_any_size_have_a_direction() -> None:
    """Numbers too large for float16 are scaled, not lost."""
    large, small, one, none = unit_vectors([[1e300, 1e300], [1e-300, 1e-300], [1, 1], [0, 0]])
    assert large == small == one
    assert none == bytes(4)


@pytest.fixture
async def embedder(scripted_openai: ScriptedOpenAI) -> AsyncIterator[ModelEmbedder]:
    """An embedder with a scripted model."""
    embedder = ModelEmbedder(ModelSettings(base=scripted_openai.url, timeout=10 * PATIENCE), Metrics())
    yield embedder
    await embedder.close()


async def test_texts_are_sent_as_the_model_takes_them(scripted_openai: ScriptedOpenAI, embedder: ModelEmbedder) -> None:
    """Long texts are cut, empty ones sent as a space; afterwards the size of the vectors is known."""
    before = embedder.size
    vectors = await embedder.embed(["x" * (LONGEST_TEXT + 1), "", "cat"])
    [request] = scripted_openai.requests
    assert request.body["input"] == ["x" * LONGEST_TEXT, " ", "cat"]
    assert request.body["model"] == embedder.model == "text-embedding-ada-002"
    assert len(vectors) == 3
    assert (before, embedder.size) == (0, len(vectors[0]))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"data":[{"embedding":[1]}]}', "wrong number of vectors"),
        (b'{"data":[{"embedding":[1]},{"embedding":[1,2]}]}', "vectors of different lengths"),
        (b'{"data":1}', "cannot be read"),
        (b"\xff", "cannot be read"),
    ],
)
def test_an_answer_that_is_no_vectors_is_the_models_failure(body: bytes, sentence: str) -> None:
    """An answer without exactly one vector per text, all of the same length, counts as a failure of the model."""
    with pytest.raises(ModelUnavailable, match=sentence):
        _decode(body, 2)
