"""The sweep finds work that went unnoticed, a bounded number of sessions at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from motorhead.messages import NewMessage
from motorhead.store.keys import SessionKeys
from motorhead.store.listing import Listing, now_ms
from motorhead.store.store import Store
from motorhead.upkeep.sweep import Sweep
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from tests.support.servers import PATIENCE


async def test_a_sweep_finds_every_session_that_is_due(link: RedisLink, store: Store) -> None:
    """A sweep visits each listed session, in all namespaces, once."""
    listing, seen = Listing(link), []
    for number in range(450):
        session, namespace = b"s%d" % number, (b"-", b"=n1", b"=n2")[number % 3]
        await store.append(session, [NewMessage("Human", "x")], None, namespace, listing.add(session, namespace))

    async def look(session_id: bytes, state: object) -> None:
        seen.append(session_id)

    await Sweep(link, store, 60, [look]).once(0)
    assert sorted(seen) == sorted(b"s%d" % number for number in range(450))


async def test_many_namespaces_are_looked_at_together(link: RedisLink, store: Store) -> None:
    """A site has a namespace for each visitor. A sweep asks for hundreds at once, but never for all of them."""
    numbers = range(1800)
    await link.pipeline(*(("ZADD", f"mh:sessions:n{number}", now_ms(), f"s{number}") for number in numbers))
    await link.execute("SADD", "mh:namespaces", *(f"n{number}" for number in numbers))
    seen: list[bytes] = []
    sweep = CountedSweep(link, store, 60, [])
    async for ids in sweep._batches(0):
        seen += ids
    assert set(seen) == {b"s%d" % number for number in numbers}
    assert 2 <= len(sweep.pages) <= 10
    assert max(sweep.pages) < 1200


class CountedSweep(Sweep):
    """A sweep that notes how many namespaces it asks for at once."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.pages: list[int] = []

    async def _ids(self, namespaces: Sequence[bytes], since: int) -> AsyncIterator[list[bytes]]:
        self.pages.append(len(namespaces))
        async for ids in super()._ids(namespaces, since):
            yield ids


async def test_between_full_sweeps_only_the_recently_active_are_looked_at(link: RedisLink, store: Store) -> None:
    """A sweep with a start time visits only the sessions active since then."""
    listing, seen = Listing(link), []
    for session in (b"old", b"new"):
        await store.append(session, [NewMessage("Human", "x")], None, b"-", listing.add(session, b"-"))
    await link.execute("ZADD", "mh:sessions", 1000, b"old")

    async def look(session_id: bytes, state: object) -> None:
        seen.append(session_id)

    await Sweep(link, store, 60, [look]).once(now_ms() - 60_000)
    assert seen == [b"new"]


async def test_a_damaged_session_or_listing_holds_up_no_other(
    link: RedisLink, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A sweep skips what is damaged, and logs how much it was but none of its text."""
    listing, seen = Listing(link), []
    for session in (b"a", b"b", b"c", b"d"):
        await store.append(session, [NewMessage("Human", "canary")], None, b"=n", listing.add(session, b"=n"))
    await link.execute("SET", "mh:sessions", "canary")
    await link.execute("HSET", SessionKeys(b"b").state, "last", "canary")
    await link.execute("UNLINK", SessionKeys(b"c").state)
    await link.execute("RPUSH", SessionKeys(b"c").state, "canary")

    async def look(session_id: bytes, state: object) -> None:
        seen.append(session_id)
        if session_id == b"a":
            raise StoreRefused("canary")

    with caplog.at_level(logging.WARNING):
        await Sweep(link, store, 60, [look]).once(0)
    assert seen == [b"a", b"d"]
    assert "skipped 3 damaged sessions" in caplog.text
    assert "skipped a listing" in caplog.text
    assert "canary" not in caplog.text


async def test_what_cannot_be_done_ends_no_sweep(link: RedisLink, store: Store) -> None:
    """A chore that Redis refuses, or a damaged list of namespaces, does not stop the rest of the sweep."""
    await store.append(b"a", [NewMessage("Human", "x")], None, b"-", Listing(link).add(b"a", b"-"))
    await link.execute("SET", "mh:namespaces", "x")
    done: list[bytes] = []
    seen = asyncio.Event()

    async def refused() -> None:
        raise StoreRefused("It cannot be done.")

    async def chore() -> None:
        done.append(b"chore")

    async def look(session_id: bytes, state: object) -> None:
        done.append(session_id)
        seen.set()

    sweeping = asyncio.create_task(Sweep(link, store, 60, [look], [refused, chore]).run())
    try:
        async with asyncio.timeout(10 * PATIENCE):
            await seen.wait()
    finally:
        sweeping.cancel()
    assert done == [b"chore", b"a"]
