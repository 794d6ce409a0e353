"""Visits that were ended, over a real Valkey."""

from __future__ import annotations

import time
from dataclasses import replace

from redis.asyncio import Redis

from chat.grants.credentials import Visit
from chat.grants.visits import Visits
from chat.runs.store import Store

BOB, OTHER, EVE = (Visit(owner, visit, time.time()) for owner, visit in (("bob", "a"), ("bob", "b"), ("eve", "a")))


async def test_a_visit_is_ended_in_every_worker(store: Store) -> None:
    """Its cookies are taken back, old and renewed; the owner's other visits go on, as do other owners'."""
    here, there = Visits(store, 60), Visits(store, 60)
    await here.end(BOB)
    assert await there.is_over(BOB)
    assert await there.is_over(replace(BOB, since=BOB.since + 1000))
    assert not await there.is_over(OTHER)
    assert not await there.is_over(EVE)


async def test_ending_a_visit_takes_back_cookies_without_one(store: Store) -> None:
    """A cookie of an earlier version may be the one that the visit began with."""
    visits = Visits(store, 60)
    await visits.end(BOB)
    assert await visits.is_over(replace(BOB, id=""))


async def test_all_visits_of_an_owner_are_ended(store: Store) -> None:
    """Those that have begun: a later one, and other owners', go on."""
    visits = Visits(store, 60)
    await visits.end_all("bob")
    assert [await visits.is_over(visit) for visit in (BOB, OTHER, replace(BOB, id=""))] == [True] * 3
    assert not await visits.is_over(replace(BOB, since=time.time() + 1))
    assert not await visits.is_over(EVE)


async def test_what_is_remembered_expires_with_the_cookies(store: Store, client: Redis) -> None:
    """Redis does not fill up with visits that nobody can have any more."""
    await Visits(store, 60).end(BOB)
    (key,) = await client.keys("chat:visits:*")
    assert 0 < await client.ttl(key) <= 60
