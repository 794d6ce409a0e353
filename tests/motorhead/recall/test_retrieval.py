"""Long-term memory: what was said is found again by its meaning, in its own session alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import numpy as np
import pytest

from motorhead.exceptions import ModelUnavailable, TextRefused
from motorhead.metrics import Metrics
from motorhead.recall import retrieval as retrieval_module
from motorhead.recall import vectors as vectors_module
from motorhead.recall.embeddings import Vector, _decode, unit_vectors
from motorhead.recall.indexer import Indexer
from motorhead.recall.retrieval import Recall, distances, nearest_of
from motorhead.recall.vectors import CHUNK, Index, Vectors
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from tests.motorhead.conftest import client_of
from tests.motorhead.system.test_conformance import ask
from tests.support.kit import keys_left, numbered, said, until, wire
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import REPOSITORY, Server, running, start_memory_server

RECORDED = REPOSITORY / "tests" / "support" / "recorded" / "retrieval-cases.jsonl"
ID = b"s"


class LetterEmbedder:
    """Counts letters: texts of the same letters are near."""

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


@pytest.fixture(scope="module")
def remembering(
    valkey: Server, summary_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A memory server with long-term memory."""
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_LONG_TERM_MEMORY": "true"}
    log = tmp_path_factory.mktemp("recall") / "log"
    with running(start_memory_server(valkey.url, log, None, **settings)) as server:
        yield server


@pytest.fixture
async def recall(remembering: Server, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it, its store emptied."""
    async with client_of(remembering) as client:
        yield client


def indexer(link: RedisLink, embedder: LetterEmbedder) -> Indexer:
    return Indexer(Store(link), Vectors(link), Leases(link), embedder, 0.01, Metrics())


async def rows_of(link: RedisLink, session: bytes = ID) -> int:
    """How many vectors the session has."""
    index = await Vectors(link).index(session)
    assert index is not None
    return sum([len(rows) // 52 async for chunks in Vectors(link).chunks(session, index) for _, rows in chunks])


async def indexed(client: httpx.AsyncClient, session: str, count: int) -> list[dict[str, Any]]:
    """All that retrieval finds for "cat" once ``count`` messages are found."""
    found: list[dict[str, Any]] = []

    async def complete() -> bool:
        nonlocal found
        answer = await client.post(f"/sessions/{session}/retrieval", json={"text": "cat"})
        found = answer.json()
        return len(found) >= count

    await until(complete, f"{session} was not indexed")
    return found


async def test_the_recorded_retrievals_are_answered_alike_or_better(recall: httpx.AsyncClient) -> None:
    """Asked the recorded requests, ours finds the same, nearest first, and where the original was wrong, better."""
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
    """Each line has role, content, distance, id and time."""
    await recall.post("/sessions/one/memory", json=wire("my cat is called Lemmy"))
    [row] = await indexed(recall, "one", 1)
    assert (row["role"], row["content"], row["id"]) == ("Human", "my cat is called Lemmy", "1")
    assert 0 < row["dist"] < 1
    assert row["created_at"] > 0


async def test_every_message_gets_one_vector_in_its_place(store: Store, link: RedisLink) -> None:
    """Over several appends and chunks, row n is the vector of message n."""
    embedder = LetterEmbedder()
    contents = [chr(97 + n % 26) * (n + 1) for n in range(3 * CHUNK + 5)]
    for start in range(0, len(contents), 7):
        await store.append(ID, said(*contents[start : start + 7]), None, b"-", ())
        await indexer(link, embedder).index(ID)
    assert embedder.texts == contents
    vectors = Vectors(link)
    index = await vectors.index(ID)
    assert index is not None
    rows = b"".join([rows async for chunks in vectors.chunks(ID, index) for _, rows in chunks])
    assert rows == b"".join(await LetterEmbedder().embed(contents))
    assert b"".join([rows async for chunks in vectors.chunks(ID, index) for _, rows in chunks]) == rows


async def test_a_message_that_cannot_be_read_leaves_the_rows_of_the_others_in_place(
    store: Store, link: RedisLink
) -> None:
    """A damaged or missing message has no row of its own or one of zeros, and row n stays that of message n."""
    contents = [chr(97 + n) for n in range(CHUNK + 5)]
    await store.append(ID, said(*contents), None, b"-", ())
    await link.execute("XDEL", SessionKeys(ID).messages, "3-0", f"{CHUNK}-0", f"{CHUNK + 1}-0")
    await indexer(link, LetterEmbedder()).index(ID)
    vectors = Vectors(link)
    index = await vectors.index(ID)
    assert index is not None
    wanted = await LetterEmbedder().embed(contents)
    found = {}
    async for chunks in vectors.chunks(ID, index):
        for first, rows in chunks:
            for place in range(len(rows) // len(wanted[0])):
                found[first + place] = rows[place * len(wanted[0]) : (place + 1) * len(wanted[0])]
    for number, row in enumerate(wanted, 1):
        lost = number in {3, CHUNK, CHUNK + 1}
        assert found.get(number, bytes(len(row))) == (bytes(len(row)) if lost else row)


async def test_gaps_left_by_a_failing_model_are_mended(store: Store, link: RedisLink) -> None:
    """While the model fails nothing is indexed and nothing lost; afterwards all of it is."""
    embedder = LetterEmbedder()
    embedder.orders += [ModelUnavailable("Down.")] * 3
    worker = indexer(link, embedder)
    await store.append(ID, numbered(0, 5), None, b"-", ())
    worker.start()
    worker.schedule(ID)

    async def complete() -> bool:
        return await rows_of(link) == 5

    await until(complete)
    await worker.close()


class PickyEmbedder(LetterEmbedder):
    """Refuses every request that holds an x."""

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        if any("x" in text for text in texts):
            raise TextRefused("Refused.")
        return await super().embed(texts)


async def test_a_refused_text_holds_up_nothing_else(store: Store, link: RedisLink) -> None:
    """Texts that the model refuses get rows of zeros, a long one that of its beginning; all else is indexed."""
    embedder = PickyEmbedder()
    worker = indexer(link, embedder)
    others = [f"other{n}".encode() for n in range(5)]
    await store.append(ID, said("x", "later", "cat " * 200 + "x"), None, b"-", ())
    await store.append(b"bad", said("x"), None, b"-", ())
    worker.start()
    for name in (b"bad", ID, *others):
        if name in others:
            await store.append(name, said("hello"), None, b"-", ())
        worker.schedule(name)

    async def complete() -> bool:
        return [await rows_of(link, name) for name in (ID, b"bad", *others)] == [3] + [1] * 6

    await until(complete)
    await worker.close()
    vectors = Vectors(link)
    index = await vectors.index(ID)
    assert index is not None
    rows = b"".join([rows async for chunks in vectors.chunks(ID, index) for _, rows in chunks])
    assert rows == bytes(52) + b"".join(await LetterEmbedder().embed(["later", ("cat " * 200)[:400]]))


async def test_a_refused_text_is_never_recalled(recall: httpx.AsyncClient, link: RedisLink) -> None:
    """A row of zeros is passed over, however few others there are."""
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
    """The long-term memory of a process whose embeddings a test can change, and what makes them."""
    embedder, vectors = LetterEmbedder(), Vectors(link)
    indexer = Indexer(store, vectors, Leases(link), embedder, 0.01, Metrics())
    indexer.start()
    yield Recall(store, vectors, embedder, indexer.schedule), embedder
    await indexer.close()


async def test_a_model_that_changes_behind_its_name_gives_no_wrong_line(
    store: Store, remembered: tuple[Recall, LetterEmbedder]
) -> None:
    """Until a session is indexed anew nothing is found in it; then everything is, also what was full chunks."""
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


async def test_another_model_indexes_anew(store: Store, link: RedisLink) -> None:
    """When the embedding model changes, the old vectors go and every message is embedded again."""
    await store.append(ID, numbered(0, CHUNK + 3), None, b"-", ())
    await indexer(link, LetterEmbedder("old")).index(ID)
    embedder = LetterEmbedder("new")
    await indexer(link, embedder).index(ID)
    assert len(embedder.texts) == CHUNK + 3
    assert await rows_of(link) == CHUNK + 3


async def test_another_length_under_the_same_name_indexes_anew(store: Store, link: RedisLink) -> None:
    """When the model changes behind its name, no row is read as one of another length, and all are made anew."""
    vectors, embedder = Vectors(link), LetterEmbedder()
    await store.append(ID, numbered(0, CHUNK + 3), None, b"-", ())
    await indexer(link, embedder).index(ID)
    embedder.letters = 13
    await store.append(ID, numbered(CHUNK + 3, 1), None, b"-", ())
    with pytest.raises(ModelUnavailable, match="another length"):
        await indexer(link, embedder).index(ID)
    assert await lengths(vectors) == {52}
    embedder.texts.clear()
    await indexer(link, embedder).index(ID)
    assert len(embedder.texts) == CHUNK + 4
    assert await lengths(vectors) == {26}
    index = await vectors.index(ID)
    assert index is not None
    assert [chunk async for chunks in Vectors(link).chunks(ID, replace(index, size=52)) for chunk in chunks] == []


async def lengths(vectors: Vectors) -> set[int]:
    """How long the session's rows are, all of which are read."""
    index = await vectors.index(ID)
    assert index is not None
    count = sum([len(rows) async for chunks in vectors.chunks(ID, index) for _, rows in chunks])
    assert count == index.indexed * index.size
    return {index.size}


async def test_rows_of_one_length_are_never_appended_to_those_of_another(store: Store, link: RedisLink) -> None:
    """A model whose vectors differ in length within one batch leaves no vector."""

    class Wavering(LetterEmbedder):
        async def embed(self, texts: Sequence[str]) -> list[Vector]:
            if len(texts) > 1:
                raise TextRefused("One by one.")
            self.letters += 1
            return await super().embed(texts)

    await store.append(ID, numbered(0, 3), None, b"-", ())
    with pytest.raises(ModelUnavailable, match="another length"):
        await indexer(link, Wavering()).index(ID)
    assert await link.execute("EXISTS", SessionKeys(ID).vectors) == 0


async def test_a_replica_that_knows_the_old_length_spoils_nothing(store: Store, link: RedisLink) -> None:
    """Indexed anew by one replica, a session keeps one row a message when another learns the new length only then."""
    await store.append(ID, numbered(0, 5), None, b"-", ())
    mine, other = LetterEmbedder(), LetterEmbedder()
    await indexer(link, mine).index(ID)
    mine.letters = other.letters = 13
    other.size = 26
    await indexer(link, other).index(ID)
    with pytest.raises(ModelUnavailable, match="another length"):
        await indexer(link, mine).index(ID)
    mine.texts.clear()
    await indexer(link, mine).index(ID)
    assert mine.texts == []
    assert await lengths(Vectors(link)) == {26}


async def test_a_deletion_during_indexing_is_final(store: Store, link: RedisLink) -> None:
    """A session deleted while its messages are embedded leaves no vector behind, not even under the id's next use."""

    class Deleting(LetterEmbedder):
        async def embed(self, texts: Sequence[str]) -> list[Vector]:
            await store.delete(ID)
            if self.model == "reused":
                await store.append(ID, said("another"), None, b"-", ())
                self.model = "letters"
            return await LetterEmbedder().embed(texts)

    await store.append(ID, numbered(0, 5), None, b"-", ())
    await indexer(link, Deleting()).index(ID)
    assert await keys_left(link) == []
    await store.append(ID, numbered(0, 5), None, b"-", ())
    task = asyncio.create_task(indexer(link, Deleting("reused")).index(ID))
    await asyncio.wait([task], timeout=0.2)
    task.cancel()
    assert await link.execute("HGET", SessionKeys(ID).state, "indexed") is None


async def test_a_chunk_that_was_damaged_when_it_was_read_is_read_again(store: Store, link: RedisLink) -> None:
    """A process that has met damaged rows finds by the whole ones as soon as they are mended."""
    await store.append(ID, numbered(1, 2 * CHUNK), None, b"-", ())
    await indexer(link, LetterEmbedder()).index(ID)
    key, index = SessionKeys(ID).vectors, await Vectors(link).index(ID)
    assert index is not None

    async def read(by: Vectors) -> list[tuple[int, bytes]]:
        return [chunk async for chunks in by.chunks(ID, index) for chunk in chunks]

    field = min(await link.execute("HKEYS", key))
    whole = await link.execute("HGET", key, field)
    for damaged in (whole[:-1], whole[: -index.size]):
        await link.execute("HSET", key, field, damaged)
        await read(fresh := Vectors(link))
        await link.execute("HSET", key, field, whole)
        assert [len(rows) for _, rows in await read(fresh)] == [len(whole)] * 2


async def test_two_indexers_store_each_vector_once(store: Store, link: RedisLink) -> None:
    """Racing indexers, even past their lease, leave one vector a message."""
    await store.append(ID, numbered(0, 40), None, b"-", ())
    one, two = indexer(link, LetterEmbedder()), indexer(link, LetterEmbedder())
    await asyncio.gather(*(worker._batch(ID) for worker in (one, two)))
    assert await rows_of(link) == 40


async def test_others_are_served_while_a_long_session_is_searched(
    store: Store, link: RedisLink, remembered: tuple[Recall, LetterEmbedder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop turns between any two slices of the vectors, also when all of them are in memory."""
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


async def test_an_index_that_is_never_as_it_was_read_asks_the_model_once_a_pause(store: Store, link: RedisLink) -> None:
    """What cannot be stored is not embedded again at once, for that might go on for ever."""
    await store.append(ID, numbered(0, 5), None, b"-", ())
    await link.execute("HSET", SessionKeys(ID).state, "indexed", "02")
    embedder = LetterEmbedder()
    await indexer(link, embedder).index(ID)
    assert len(embedder.texts) == 5


def test_vectors_without_numbers_are_refused() -> None:
    """An answer whose vectors are empty is none: a session would be indexed by it for ever."""
    with pytest.raises(ModelUnavailable, match="without a number"):
        _decode(b'{"data":[{"embedding":[]},{"embedding":[]}]}', 2)


def test_vectors_of_any_size_have_a_direction() -> None:
    """Numbers beyond what is stored are scaled, not lost."""
    large, small, one, none = unit_vectors([[1e300, 1e300], [1e-300, 1e-300], [1, 1], [0, 0]])
    assert large == small == one
    assert none == bytes(4)


def test_distances_are_cosine_distances() -> None:
    """The same direction is at 0, a right angle at 1, the opposite at 2; a row of zeros is at no distance."""
    rows = unit_vectors([[3, 0], [0, 2], [-1, 0], [0, 0]])
    assert distances(b"".join(rows), rows[0])[:3].tolist() == [0, 1, 2]
    assert np.isnan(distances(b"".join(rows), rows[0])[3])


def test_distances_are_exact_for_what_is_stored() -> None:
    """However a row's length was rounded, it is at 0 from itself, never below, and near neighbours keep their order."""
    rng = np.random.default_rng(1)
    wanted = rng.normal(size=48)
    rows = unit_vectors([(wanted + rng.normal(size=48) * 0.002 * n).tolist() for n in range(100)])
    numbers = [[Decimal(float(number)) for number in np.frombuffer(row, np.float16)] for row in rows]

    def exact(one: list[Decimal], other: list[Decimal]) -> Decimal:
        def product(a: list[Decimal], b: list[Decimal]) -> Decimal:
            return sum((x * y for x, y in zip(a, b, strict=True)), Decimal())

        return 1 - product(one, other) / (product(one, one) * product(other, other)).sqrt()

    for place in (0, 1, 50):
        told = distances(b"".join(rows), rows[place])
        assert told[place] == 0
        assert told.min() >= 0
        truth = [exact(row, numbers[place]) for row in numbers]
        assert np.argsort(told, kind="stable").tolist() == sorted(range(100), key=lambda n: max(truth[n], Decimal()))
        assert told == pytest.approx([float(distance) for distance in truth], abs=1e-11)


def test_of_equal_rows_the_newer_is_nearer() -> None:
    """Equal rows are equally far wherever they lie; what is dropped or not counted is not found."""
    rng = np.random.default_rng(2)
    row, other = unit_vectors(rng.normal(size=(2, 77)).tolist())
    index = Index("e", 40, 38, 3, "m", len(row))
    chunks = [(1, row * 5 + other * 11), (17, other * 15 + row), (33, row * 8)]
    found = nearest_of(chunks, row, index)
    assert found == [(0.0, -number) for number in (38, 37, 36, 35, 34, 33, 32, 5, 4, 3)]


@pytest.mark.parametrize(
    ("field", "value"), [("indexed", -1), ("indexed", 10**18), ("vector_size", -2), ("kept_from", -5), ("last", "x")]
)
async def test_a_damaged_index_is_told(store: Store, link: RedisLink, field: str, value: int | str) -> None:
    """Counts that cannot be are told as damage, and no search is begun by them."""
    await store.append(ID, numbered(0, 3), None, b"-", ())
    await indexer(link, LetterEmbedder()).index(ID)
    await link.execute("HSET", SessionKeys(ID).state, field, value)
    with pytest.raises(StoreRefused, match="fsck"):
        await Vectors(link).index(ID)
