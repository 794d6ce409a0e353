"""Bells over a real Valkey. Two `Bells` with their own connections stand for two processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from chat.domain.exceptions import RunLogUnreachable
from chat.domain.session_ids import Session
from chat.runs.bells import Bell, Bells
from chat.runs.keys import bell_of
from tests.support import links
from tests.support.ports import until
from tests.support.servers import PATIENCE, free_port

SESSION, OTHER = Session("owner.s1", "chat.owner"), Session("owner.s2", "chat.owner")
LONG, SOON = 60 * PATIENCE, 10 * PATIENCE


@asynccontextmanager
async def process(url: str) -> AsyncIterator[Bells]:
    async with links.process(url) as worker:
        yield worker.bells


@pytest.fixture
async def here(redis_url: str) -> AsyncIterator[Bells]:
    """The bells of one process."""
    async with process(redis_url) as bells:
        yield bells


@pytest.fixture
async def there(redis_url: str) -> AsyncIterator[Bells]:
    """The bells of another."""
    async with process(redis_url) as bells:
        yield bells


async def hear(bell: Bell) -> None:
    """Wait for the bell; fail if it does not ring."""
    async with asyncio.timeout(SOON):
        await bell.wait(LONG)


async def test_a_bell_is_heard_in_every_process_by_its_session_alone(here: Bells, there: Bells) -> None:
    """A bell rings in every process, only for its session, and also for a new subscription."""
    with here.listen(SESSION) as one, there.listen(SESSION) as two, there.listen(OTHER) as other:
        for bell in (one, two, other):
            await hear(bell)
        await here.ring(SESSION)
        await hear(one)
        await hear(two)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await other.wait(LONG)


async def test_a_bell_that_rang_before_the_wait_ends_it_at_once() -> None:
    """A ring between two waits is not lost; a wait without one ends after its time."""
    bell = Bell()
    bell.ring()
    bell.ring()
    await hear(bell)
    await bell.wait(0.01)


async def test_a_lost_connection_is_made_again(here: Bells, there: Bells, client: Redis) -> None:
    """After a lost connection it reconnects, and rings for anything missed."""
    with here.listen(SESSION) as bell:
        await hear(bell)
        await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await hear(bell)
        await there.ring(SESSION)
        await hear(bell)


async def test_nothing_is_subscribed_to_for_nobody(here: Bells, client: Redis) -> None:
    """The subscription ends with a session's last listener."""
    channel = bell_of(SESSION.memory_id).encode()

    async def gone() -> bool:
        return channel not in await client.pubsub_shardchannels()

    with here.listen(SESSION):
        with here.listen(SESSION) as bell:
            await hear(bell)
        assert not await gone()
    await until(gone)


async def test_a_store_that_is_away_cannot_be_rung() -> None:
    """Without Redis, ringing raises `RunLogUnreachable`."""
    async with process(f"redis://127.0.0.1:{free_port()}") as bells:
        with pytest.raises(RunLogUnreachable):
            await bells.ring(SESSION)
