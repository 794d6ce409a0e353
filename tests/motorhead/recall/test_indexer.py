"""Indexing: every message gets its vector, even if something fails or changes meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import pytest

from motorhead.exceptions import ModelBusy, ModelUnavailable, TextRefused
from motorhead.recall.embeddings import Vector
from motorhead.recall.vectors import Vectors
from motorhead.store.keys import CHUNK, SessionKeys
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.motorhead.recall.conftest import ID, LetterEmbedder, indexer, rows_of
from tests.support.kit import keys_left, numbered, said, until


async def test_every_message_gets_one_vector_in_its_place(store: Store, link: RedisLink) -> None:
    """Across several appends and chunks, row n is the vector of message n."""
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


async def test_reasoning_is_not_embedded(store: Store, link: RedisLink) -> None:
    """A model's message is found by what it says, not by what it thought; the message itself stays as it was sent."""
    thought = "<think>zzz</think>abc"
    await store.append(ID, said("hi", thought), None, b"-", ())
    embedder = LetterEmbedder()
    await indexer(link, embedder).index(ID)
    assert embedder.texts == ["hi", "abc"]
    assert [message.content for message in await store.messages(ID, 1, 2, 2)] == ["hi", thought]


async def test_a_message_that_cannot_be_read_leaves_the_rows_of_the_others_in_place(
    store: Store, link: RedisLink
) -> None:
    """A damaged or missing message has no row or a row of zeros, and row n is still the vector of message n."""
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


@pytest.mark.parametrize("keep", [1, CHUNK - 1, CHUNK, CHUNK + 3])
@pytest.mark.parametrize("indexed", [True, False])
async def test_a_withdrawn_message_has_no_vector(store: Store, link: RedisLink, keep: int, indexed: bool) -> None:
    """Its row is cut off or zeros, whether it was indexed before; the new messages have theirs in their own places."""
    await store.append(ID, said(*(chr(97 + n) for n in range(CHUNK + 5))), None, b"-", ())
    one = indexer(link, LetterEmbedder())
    if indexed:
        await one.index(ID)
    await store.append(ID, said("x" * 3), None, b"-", (), replace_after=keep)
    vectors = Vectors(link)
    for _ in range(2):  # before and after the new message is indexed
        index = await vectors.index(ID)
        assert index is not None
        rows: dict[int, bytes] = {}
        async for chunks in vectors.chunks(ID, index):
            for first, found in chunks:
                rows |= {
                    first + n: found[n * index.size : (n + 1) * index.size] for n in range(len(found) // index.size)
                }
        live = {number for number, row in rows.items() if row.strip(b"\0")}
        assert live <= {*range(1, keep + 1), CHUNK + 6}
        await one.index(ID)
    assert live == {*range(1, keep + 1), CHUNK + 6}


async def test_vectors_that_were_made_before_a_withdrawal_are_not_stored(store: Store, link: RedisLink) -> None:
    """The messages are withdrawn while their vectors are made."""
    await store.append(ID, said("a", "b", "c"), None, b"-", ())
    vectors = Vectors(link)
    index = await vectors.index(ID)
    assert index is not None
    await store.append(ID, [], None, b"-", (), replace_after=1)
    rows = await LetterEmbedder().embed(["a", "b", "c"])
    assert not await vectors.append(ID, index, "letters", 1, rows)
    assert await link.execute("EXISTS", SessionKeys(ID).vectors) == 0


async def test_gaps_left_by_a_failing_model_are_mended(store: Store, link: RedisLink) -> None:
    """While the model fails, nothing is indexed and nothing is lost; afterwards everything is indexed."""
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


async def test_a_busy_model_is_left_alone_as_long_as_it_asks(store: Store, link: RedisLink) -> None:
    """However short the pause after a failure would be, the worker waits for the seconds that the model has named."""
    embedder = LetterEmbedder()
    embedder.orders.append(ModelBusy("Wait.", 0.2))
    await store.append(ID, numbered(0, 5), None, b"-", ())
    worker = indexer(link, embedder)
    worker.start()
    worker.schedule(ID)

    async def refused() -> bool:
        return not embedder.orders

    async def complete() -> bool:
        return await rows_of(link) == 5

    began = monotonic()
    await until(refused)
    await until(complete)
    assert monotonic() - began > 0.19
    await worker.close()


class PickyEmbedder(LetterEmbedder):
    """Refuses every request that contains an x."""

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        if any("x" in text for text in texts):
            raise TextRefused("Refused.")
        return await super().embed(texts)


async def test_a_refused_text_holds_up_nothing_else(store: Store, link: RedisLink) -> None:
    """A text that the model refuses gets a row of zeros, or that of its beginning; all others are indexed."""
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


async def test_another_model_indexes_again(store: Store, link: RedisLink) -> None:
    """When the embedding model changes, the old vectors are deleted and every message is embedded again."""
    await store.append(ID, numbered(0, CHUNK + 3), None, b"-", ())
    await indexer(link, LetterEmbedder("old")).index(ID)
    embedder = LetterEmbedder("new")
    await indexer(link, embedder).index(ID)
    assert len(embedder.texts) == CHUNK + 3
    assert await rows_of(link) == CHUNK + 3


async def test_another_length_under_the_same_name_indexes_again(store: Store, link: RedisLink) -> None:
    """When the model changes under its name, no row is read with the wrong length, and all are made again."""
    vectors, embedder = Vectors(link), LetterEmbedder()
    await store.append(ID, numbered(0, CHUNK + 3), None, b"-", ())
    await indexer(link, embedder).index(ID)
    embedder.letters = 13
    await store.append(ID, numbered(CHUNK + 3, 1), None, b"-", ())
    with pytest.raises(ModelUnavailable, match="a different length"):
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
    """The lengths of all rows of the session."""
    index = await vectors.index(ID)
    assert index is not None
    count = sum([len(rows) async for chunks in vectors.chunks(ID, index) for _, rows in chunks])
    assert count == index.indexed * index.size
    return {index.size}


async def test_rows_of_one_length_are_never_appended_to_those_of_another(store: Store, link: RedisLink) -> None:
    """If the vectors of one batch differ in length, none of them is stored."""

    class Wavering(LetterEmbedder):
        async def embed(self, texts: Sequence[str]) -> list[Vector]:
            if len(texts) > 1:
                raise TextRefused("One by one.")
            self.letters += 1
            return await super().embed(texts)

    await store.append(ID, numbered(0, 3), None, b"-", ())
    with pytest.raises(ModelUnavailable, match="a different length"):
        await indexer(link, Wavering()).index(ID)
    assert await link.execute("EXISTS", SessionKeys(ID).vectors) == 0


async def test_a_replica_that_knows_the_old_length_spoils_nothing(store: Store, link: RedisLink) -> None:
    """A session indexed again by one replica keeps one row per message when another still knows the old length."""
    await store.append(ID, numbered(0, 5), None, b"-", ())
    mine, other = LetterEmbedder(), LetterEmbedder()
    await indexer(link, mine).index(ID)
    mine.letters = other.letters = 13
    other.size = 26
    await indexer(link, other).index(ID)
    with pytest.raises(ModelUnavailable, match="a different length"):
        await indexer(link, mine).index(ID)
    mine.texts.clear()
    await indexer(link, mine).index(ID)
    assert mine.texts == []
    assert await lengths(Vectors(link)) == {26}


async def test_a_deletion_during_indexing_is_final(store: Store, link: RedisLink) -> None:
    """A session deleted while its messages are embedded leaves no vectors, not even when its id is used again."""

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


async def test_two_indexers_store_each_vector_once(store: Store, link: RedisLink) -> None:
    """Racing indexers, even after their lease has expired, store one vector per message."""
    await store.append(ID, numbered(0, 40), None, b"-", ())
    one, two = indexer(link, LetterEmbedder()), indexer(link, LetterEmbedder())
    await asyncio.gather(*(worker._batch(ID) for worker in (one, two)))
    assert await rows_of(link) == 40


async def test_an_index_that_is_never_as_it_was_read_asks_the_model_once_a_pause(store: Store, link: RedisLink) -> None:
    """Vectors that could not be stored are made again only after a pause, because this might never end."""
    await store.append(ID, numbered(0, 5), None, b"-", ())
    await link.execute("HSET", SessionKeys(ID).state, "indexed", "02")
    embedder = LetterEmbedder()
    await indexer(link, embedder).index(ID)
    assert len(embedder.texts) == 5
