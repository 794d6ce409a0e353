"""Counters in Redis, over a real Valkey."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from chat.domain.exceptions import RunLogUnreachable
from chat.runs.counts import Counts
from chat.runs.store import Store
from tests.support.links import process
from tests.support.servers import free_port


async def test_two_workers_count_together(store: Store) -> None:
    """Each learns the count of both, and the seconds left."""
    here, there = Counts(store, 60), Counts(store, 60)
    assert [await here.add("k"), await there.add("k"), await here.add("other")] == [(1, 60), (2, 60), (1, 60)]


async def test_a_count_is_taken_back(store: Store, client: Redis) -> None:
    """Taking back what has expired leaves no negative count and no counter without an end."""
    counts = Counts(store, 60)
    await counts.add("k")
    await counts.take_back(["k", "expired"])
    assert [(await counts.add(key))[0] for key in ("k", "expired")] == [1, 1]
    assert 0 < await client.ttl("expired") <= 60


async def test_a_count_begins_again(store: Store) -> None:
    """A counter that is forgotten begins at 1."""
    counts = Counts(store, 60)
    await counts.add("k")
    await counts.forget("k")
    assert (await counts.add("k"))[0] == 1


async def test_a_store_that_is_away_is_named() -> None:
    """The error has a sentence of the chat's own."""
    async with process(f"redis://127.0.0.1:{free_port()}") as nowhere:
        with pytest.raises(RunLogUnreachable):
            await Counts(nowhere.store, 60).add("k")
