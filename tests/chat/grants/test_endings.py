"""Announcements of ended grants, over a real Valkey. Two `Endings` stand for two processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from chat.grants import endings as module
from chat.grants.endings import Endings, announcement
from tests.support import links
from tests.support.servers import PATIENCE

SOON = 15 * PATIENCE


@asynccontextmanager
async def process(url: str) -> AsyncIterator[Endings]:
    async with links.process(url) as worker:
        endings = Endings(worker.store, worker.subscriptions)
        yield endings
        await endings.aclose()


async def announce(client: Redis, grant: str) -> None:
    for command in announcement(grant):
        await client.execute_command(*command)


async def heard(event: asyncio.Event) -> None:
    async with asyncio.timeout(SOON):
        await event.wait()


async def test_an_end_is_heard_in_every_process_by_its_watchers_alone(redis_url: str, client: Redis) -> None:
    """Watchers of other grants hear nothing, nor do those that have stopped."""
    ends = {name: asyncio.Event() for name in ("here", "there", "other", "gone")}
    async with process(redis_url) as here, process(redis_url) as there:
        here.watch(["visit:a"], ends["here"].set)
        here.watch(["visit:b"], ends["other"].set)
        there.watch(["visit:a", "owner:a"], ends["there"].set)
        there.watch(["visit:a"], ends["gone"].set)
        there.unwatch(["visit:a"], ends["gone"].set)
        await announce(client, "visit:a")
        await heard(ends["here"])
        await heard(ends["there"])
    assert {name for name, end in ends.items() if end.is_set()} == {"here", "there"}


async def test_what_ended_before_is_heard(redis_url: str, client: Redis) -> None:
    """A socket that opens while its grant is being taken back does not stay open."""
    await announce(client, "visit:a")
    ended = asyncio.Event()
    async with process(redis_url) as endings:
        endings.watch(["visit:a"], ended.set)
        await heard(ended)


async def test_nothing_is_missed_while_the_connection_is_lost(
    redis_url: str, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading goes on where it was."""
    monkeypatch.setattr(module, "PAUSE", 0.01)
    first, second = asyncio.Event(), asyncio.Event()
    async with process(redis_url) as endings:
        endings.watch(["visit:a"], first.set)
        endings.watch(["visit:b"], second.set)
        await announce(client, "visit:a")
        await heard(first)
        await client.execute_command("CLIENT", "KILL", "SKIPME", "yes")
        await announce(client, "visit:b")
        await heard(second)


async def test_an_end_is_heard_without_its_bell(redis_url: str, client: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be lost, or never rung, by a worker of an earlier version."""
    monkeypatch.setattr(module, "LOOK_AGAIN", 0.05)
    ended = asyncio.Event()
    async with process(redis_url) as endings:
        endings.watch(["visit:a"], ended.set)
        await asyncio.sleep(0.1)
        await client.execute_command(*announcement("visit:a")[0])
        await heard(ended)


async def test_many_ends_are_heard_at_once(redis_url: str, client: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a new process finds, however many reads that takes."""
    monkeypatch.setattr(module, "READ_COUNT", 2)
    ends = [asyncio.Event() for _ in range(5)]
    for number in range(5):
        await client.execute_command(*announcement(f"visit:{number}")[0])
    async with process(redis_url) as endings:
        for number, end in enumerate(ends):
            endings.watch([f"visit:{number}"], end.set)
        for end in ends:
            await heard(end)


async def test_nothing_is_kept_of_closed_sockets(redis_url: str) -> None:
    """Only what is watched is known."""
    async with process(redis_url) as endings:
        ended = asyncio.Event().set
        endings.watch(["visit:a", "owner:a"], ended)
        assert len(endings) == 2
        endings.unwatch(["visit:a", "owner:a"], ended)
        assert len(endings) == 0


async def test_announcements_do_not_pile_up(client: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the latest are kept."""
    monkeypatch.setattr(module, "KEPT", 100)
    for number in range(1000):
        await announce(client, f"visit:{number}")
    assert await client.xlen(module.ENDED) < 500
