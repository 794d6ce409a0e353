"""Long-term memory: messages are found by their meaning, and only in their own session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import httpx
import numpy as np
import pytest

from motorhead.metrics import Metrics
from motorhead.recall import retrieval as retrieval_module, vectors as vectors_module
from motorhead.recall.embeddings import Vector, unit_vectors
from motorhead.recall.indexer import Indexer
from motorhead.recall.retrieval import Recall, distances, nearest_of
from motorhead.recall.vectors import Index, Vectors
from motorhead.store.keys import CHUNK, SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.motorhead.conftest import client_of
from tests.motorhead.recall.conftest import ID, LetterEmbedder, indexer
from tests.motorhead.system.test_conformance import ask
from tests.support.kit import numbered, said, until, wire
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import REPOSITORY, Server, running, start_memory_server

RECORDED = REPOSITORY / "tests" / "support" / "recorded" / "retrieval-cases.jsonl"


@pytest.fixture(scope="module")
def remembering(
    valkey: Server, summary_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A memory server with a long-term memory."""
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_LONG_TERM_MEMORY": "true"}
    log = tmp_path_factory.mktemp("recall") / "log"
    with running(start_memory_server(valkey.url, log, None, **settings)) as server:
        yield server


@pytest.fixture
async def recall(remembering: Server, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server, with an empty store."""
    async with client_of(remembering) as client:
        yield client


async def indexed(client: httpx.AsyncClient, session: str, count: int) -> list[dict[str, Any]]:
    """Everything that retrieval finds for "cat", once it finds ``count`` messages."""
    found: list[dict[str, Any]] = []

    async def complete() -> bool:
        nonlocal found
        answer = await client.post(f"/sessions/{session}/retrieval", json={"text": "cat"})
        found = answer.json()
        return len(found) >= count

    await until(complete, f"{session} was not indexed")
    return found


async def test_the_recorded_retrievals_are_answered_alike_or_better(recall: httpx.AsyncClient) -> None:
    """To the recorded requests, this server gives the original's answers, or better ones where those were wrong."""
    cases = {}
    for line in RECORDED.read_text().splitlines():
        case = json.loads(line)
        if case["case"] == "setup" and case["request"][0] == "POST":
            assert (await ask(recall, case)).status_code == 200
        cases[case["case"]] = case
    for session, count in (("alpha", 2), ("beta", 2), ("3f2b6c1e-9d7a-4b53-8c21-0a5d6e7f8091", 2), ("many", 10)):
        await indexed(recall, session, count)

    async def found(name: str) -> list[str]:
        answer = await ask(recall, cases[name])
        assert answer.status_code == 200
        rows = answer.json()
        assert [row["dist"] for row in rows] == sorted(row["dist"] for row in rows)
        return [row["content"] for row in rows]

    for name in ("retrieval", "retrieval: the other session", "retrieval: unknown session"):
        assert await found(name) == [row["content"] for row in cases[name]["body"]], name
    assert (await ask(recall, cases["retrieval: no text"])).status_code == 400
    assert len(await found("retrieval: ten at most")) == 10
    assert len(await found("retrieval: empty text")) == 2
    assert (await found("retrieval: hyphens in the id"))[0] == "the cat of the uuid is called Phil"
    assert await found("retrieval: a|b reads both") == []
    await recall.delete("/sessions/alpha/memory")
    assert await found("retrieval: after delete") == []


async def test_a_recalled_message_says_which_it_is(recall: httpx.AsyncClient) -> None:
    """Each result has role, content, distance, id and time."""
    await recall.post("/sessions/one/memory", json=wire("my cat is called Lemmy"))
    [row] = await indexed(recall, "one", 1)
    assert (row["role"], row["content"], row["id"]) == ("Human", "my cat is called Lemmy", "1")
    assert 0 < row["dist"] < 1
    assert row["created_at"] > 0


async def test_a_refused_text_is_never_recalled(recall: httpx.AsyncClient, link: RedisLink) -> None:
    """A row of zeros is skipped, however few others there are."""
    await recall.post("/sessions/one/memory", json=wire("cat", "dog"))
    await indexed(recall, "one", 2)
    keys = SessionKeys(b"one")
    [name] = await link.execute("HKEYS", keys.vectors)
    rows = await link.execute("HGET", keys.vectors, name)
    half = len(rows) // 2
    await link.execute("HSET", keys.vectors, name, rows[:half] + bytes(half))
    assert [row["content"] for row in await indexed(recall, "one", 1)] == ["cat"]


@pytest.fixture
async def remembered(store: Store, link: RedisLink) -> AsyncIterator[tuple[Recall, LetterEmbedder]]:
    """A long-term memory in this process, and its embedder, which a test can change."""
    embedder, vectors = LetterEmbedder(), Vectors(link)
    indexer = Indexer(store, vectors, Leases(link), embedder, 0.01, Metrics())
    indexer.start()
    yield Recall(store, vectors, embedder, indexer.schedule), embedder
    await indexer.close()


async def test_a_model_that_changes_behind_its_name_gives_no_wrong_line(
    store: Store, remembered: tuple[Recall, LetterEmbedder]
) -> None:
    """Until a session is indexed again, nothing is found in it; afterwards everything is, full chunks included."""
    recall, embedder = remembered
    texts = [chr(97 + n % 12) * (n + 1) + "abcdefghijkl" for n in range(2 * CHUNK + 5)]
    await store.append(ID, said(*texts), None, b"-", ())
    for letters in (26, 13, 39, 26):
        embedder.letters = letters

        async def complete() -> bool:
            found = await recall.nearest(ID, texts[-1])
            assert not found or found[0].content == texts[-1]
            return bool(found)

        await until(complete)
        for text in texts:
            assert (await recall.nearest(ID, text))[0].content == text


async def test_others_are_served_while_a_long_session_is_searched(
    store: Store, link: RedisLink, remembered: tuple[Recall, LetterEmbedder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop runs between any two slices of the vectors, even if all of them are cached."""
    turns, seen = 0, []

    def watched(rows: bytes, vector: Vector) -> Any:
        seen.append(turns)
        return distances(rows, vector)

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(vectors_module, "READ_BYTES", CHUNK * 52)
    monkeypatch.setattr(retrieval_module, "distances", watched)
    recall, embedder = remembered
    await store.append(ID, numbered(0, 5 * CHUNK), None, b"-", ())
    await indexer(link, embedder).index(ID)
    turning = asyncio.create_task(turn())
    await recall.nearest(ID, "m")
    turning.cancel()
    assert len(seen) == len(set(seen)) == 5


def test_distances_are_cosine_distances() -> None:
    """The same direction has distance 0, a right angle 1, the opposite 2; a row of zeros has none (NaN)."""
    rows = unit_vectors([[3, 0], [0, 2], [-1, 0], [0, 0]])
    assert distances(b"".join(rows), rows[0])[:3].tolist() == [0, 1, 2]
    assert np.isnan(distances(b"".join(rows), rows[0])[3])


def test_distances_are_exact_for_what_is_stored() -> None:
    """Rounded rows still have distance 0 from themselves, never less, and near neighbours keep their order."""
    rng = np.random.default_rng(1)
    wanted = rng.normal(size=48)
    rows = unit_vectors([(wanted + rng.normal(size=48) * 0.002 * n).tolist() for n in range(100)])
    numbers = [[Decimal(float(number)) for number in np.frombuffer(row, np.float16)] for row in rows]

    def exact(one: list[Decimal], other: list[Decimal]) -> Decimal:
        def product(a: list[Decimal], b: list[Decimal]) -> Decimal:
            return sum((x * y for x, y in zip(a, b, strict=True)), Decimal())

        return 1 - product(one, other) / (product(one, one) * product(other, other)).sqrt()

    for place in (0, 1, 50):
        measured = distances(b"".join(rows), rows[place])
        assert measured[place] == 0
        assert measured.min() >= 0
        truth = [exact(row, numbers[place]) for row in numbers]
        assert np.argsort(measured, kind="stable").tolist() == sorted(
            range(100), key=lambda n: max(truth[n], Decimal())
        )
        assert measured == pytest.approx([float(distance) for distance in truth], abs=1e-11)


def test_of_equal_rows_the_newer_is_nearer() -> None:
    """Equal rows have equal distances in any position; dropped or uncounted rows are not found."""
    rng = np.random.default_rng(2)
    row, other = unit_vectors(rng.normal(size=(2, 77)).tolist())
    index = Index("e", 40, 38, 3, "m", len(row))
    chunks = [(1, row * 5 + other * 11), (17, other * 15 + row), (33, row * 8)]
    found = nearest_of(chunks, row, index)
    assert found == [(0.0, -number) for number in (38, 37, 36, 35, 34, 33, 32, 5, 4, 3)]
