"""Vectors in Redis: damaged ones are never searched."""

from __future__ import annotations

import pytest

from motorhead.recall.vectors import Index, Vectors
from motorhead.store.keys import CHUNK, SessionKeys
from motorhead.store.store import Store
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from tests.motorhead.recall.conftest import ID, LetterEmbedder, indexer
from tests.support.kit import numbered


async def test_a_chunk_that_was_damaged_when_it_was_read_is_read_again(store: Store, link: RedisLink) -> None:
    """A process that has read a damaged chunk uses the intact one as soon as it is repaired."""
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


@pytest.mark.parametrize(
    ("field", "value"), [("indexed", -1), ("indexed", 10**18), ("vector_size", -2), ("kept_from", -5), ("last", "x")]
)
async def test_a_damaged_index_is_reported(store: Store, link: RedisLink, field: str, value: int | str) -> None:
    """Impossible counts are reported as damage, and no search uses them."""
    await store.append(ID, numbered(0, 3), None, b"-", ())
    await indexer(link, LetterEmbedder()).index(ID)
    await link.execute("HSET", SessionKeys(ID).state, field, value)
    with pytest.raises(StoreRefused, match="fsck"):
        await Vectors(link).index(ID)


@pytest.mark.parametrize(
    ("model", "size", "fits", "missing"),
    [("m", 8, True, 4), ("m", 0, True, 4), ("m", 4, False, 2), ("other", 8, False, 2)],
)
def test_vectors_of_one_kind_go_on_and_others_begin_again(model: str, size: int, fits: bool, missing: int) -> None:
    """The first missing vector follows those of the same model and size (0: not known), or is the oldest kept."""
    index = Index("e", last=9, indexed=3, kept_from=2, model="m", size=8)
    assert index.fits(model, size) is fits
    assert Vectors.first_missing(index, model, size) == missing


async def test_vectors_are_stored_only_on_top_of_what_was_read(store: Store, link: RedisLink) -> None:
    """Of two writers that read the same index, one stores its rows; the other is refused."""
    await store.append(ID, numbered(0, 2), None, b"-", ())
    vectors = Vectors(link)
    index = await vectors.index(ID)
    assert index is not None
    rows = [b"\x00\x3c" * 2] * 2
    assert await vectors.append(ID, index, "m", 1, rows)
    assert not await vectors.append(ID, index, "m", 1, rows)
    after = await vectors.index(ID)
    assert after is not None
    assert (after.indexed, after.model, after.size) == (2, "m", 4)
    assert [chunk async for chunks in vectors.chunks(ID, after) for chunk in chunks] == [(1, b"".join(rows))]


async def test_a_session_that_is_not_there_has_no_index(link: RedisLink) -> None:
    """An unknown session has no index, and nothing to embed."""
    assert await Vectors(link).index(b"nobody") is None
