"""Vectors in Redis: what is damaged is never searched."""

from __future__ import annotations

import pytest

from motorhead.recall.vectors import CHUNK, Vectors
from motorhead.store.keys import SessionKeys
from motorhead.store.store import Store
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from tests.motorhead.recall.conftest import ID, LetterEmbedder, indexer
from tests.support.kit import numbered


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
