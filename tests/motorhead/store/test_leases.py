"""Leases: one holder at a time, renewed by live replicas, free after a dead one."""

from __future__ import annotations

import asyncio

import pytest

from motorhead.store import leases as module
from motorhead.store.leases import Leases
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from tests.support.kit import until
from tests.support.servers import PATIENCE


async def test_a_lease_has_one_holder_and_is_free_afterwards(link: RedisLink) -> None:
    """A lease that is held cannot be acquired again; afterwards it can."""
    leases = Leases(link)
    async with leases.hold(b"k") as first, leases.hold(b"k") as second:
        assert first is not None
        assert second is None
    assert await link.execute("EXISTS", "k") == 0
    async with leases.hold(b"k") as third:
        assert third


async def test_it_is_given_back_when_the_work_fails_or_is_cancelled(link: RedisLink) -> None:
    """Neither an error nor a cancellation leaves the lease behind."""
    with pytest.raises(ZeroDivisionError):
        async with Leases(link).hold(b"k"):
            raise ZeroDivisionError
    held = asyncio.Event()

    async def work() -> None:
        async with Leases(link).hold(b"k"):
            held.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await held.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await link.execute("EXISTS", "k") == 0


async def test_what_is_read_beside_it_costs_no_round_trip(link: RedisLink) -> None:
    """The holder gets the replies, another caller none, and a reading that fails leaves no lease behind."""
    leases = Leases(link)
    await link.execute("SET", "other", "value")
    reading = ("GET", "other")
    async with leases.hold(b"k", reading) as first, leases.hold(b"k", reading) as second:
        assert first is not None
        assert (first.replies, second) == ([b"value"], None)
    with pytest.raises(StoreRefused):
        async with leases.hold(b"k", ("LLEN", "other")):
            pass
    assert await link.execute("EXISTS", "k") == 0


async def test_a_living_holder_keeps_it_beyond_its_lifetime(link: RedisLink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that takes longer than the lease's lifetime renews it."""
    monkeypatch.setattr(module, "LIFETIME", 1.2 * PATIENCE)
    loop = asyncio.get_running_loop()
    async with Leases(link).hold(b"k"):
        begun = loop.time()
        while loop.time() - begun < 1.5 * module.LIFETIME:
            assert await link.execute("EXISTS", "k") == 1
            await asyncio.sleep(module.LIFETIME / 4)


async def test_a_lease_that_another_has_taken_is_not_given_back(link: RedisLink) -> None:
    """A holder that has lost its lease does not release the next holder's."""
    async with Leases(link).hold(b"k"):
        await link.execute("SET", "k", "another")
    assert await link.execute("GET", "k") == b"another"


async def test_it_may_be_given_back_along_with_other_commands(link: RedisLink) -> None:
    """Then the end of the block leaves it to the next holder."""
    async with Leases(link).hold(b"k") as lease:
        assert lease is not None
        await link.replies([("SET", "other", "value"), lease.release])
        lease.released = True
        await link.execute("SET", "k", "next", "NX")
    assert await link.execute("GET", "k") == b"next"


async def test_a_dead_holders_lease_lapses(link: RedisLink) -> None:
    """A lease that is not renewed expires."""
    await link.execute("SET", "k", "dead", "PX", 50)

    async def taken() -> bool:
        async with Leases(link).hold(b"k") as held:
            return held is not None

    await until(taken)
