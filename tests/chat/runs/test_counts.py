"""Counters in Redis, over a real Valkey."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from chat.domain.exceptions import RunLogUnreachable
from chat.runs.counts import Counts, Reached
from chat.runs.store import Store
from tests.support.links import process
from tests.support.servers import free_port


async def test_two_workers_count_together(store: Store) -> None:
    """What both have counted reaches the limit; the seconds are those left."""
    here, there = Counts(store, 60), Counts(store, 60)
    assert [await here.add({"k": 2}), await there.add({"k": 2})] == [None, None]
    assert await here.add({"k": 2}) == await there.add({"k": 2}) == Reached("k", 60)
    assert await here.add({"other": 2}) is None


async def test_counters_are_counted_together_or_not_at_all(store: Store, client: Redis) -> None:
    """The first limit that is reached is named, and no counter has changed, in one round trip."""
    counts = Counts(store, 60)
    assert await counts.add({}) is None
    assert await counts.add({"{a}1": 9, "{a}2": 1, "{a}3": 1}) is None
    commands = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert await counts.add({"{a}1": 9, "{a}2": 1, "{a}3": 1}) == Reached("{a}2", 60)
    assert (await client.info("commandstats"))["cmdstat_evalsha"]["calls"] == commands + 1
    assert await client.mget("{a}1", "{a}2", "{a}3") == [b"1"] * 3


async def test_a_count_is_taken_back(store: Store, client: Redis) -> None:
    """Taking back what has expired leaves no negative count and no counter without an end."""
    counts = Counts(store, 60)
    await counts.add({"k": 9})
    await counts.take_back(["k", "expired"])
    await counts.take_back([])
    assert await client.mget("k", "expired") == [b"0", b"0"]
    assert 0 < await client.ttl("expired") <= 60


async def test_a_count_begins_again(store: Store) -> None:
    """A counter that is forgotten begins at 1."""
    counts = Counts(store, 60)
    for _ in range(2):
        assert await counts.add({"k": 1}) is None
        await counts.forget("k")


async def test_a_store_that_is_away_is_named() -> None:
    """The error has a sentence of the chat's own."""
    async with process(f"redis://127.0.0.1:{free_port()}") as nowhere:
        with pytest.raises(RunLogUnreachable):
            await Counts(nowhere.store, 60).add({"k": 1})
