"""Deletion: whatever fails on the way, repeating it completes it, and nothing of the session is left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from motorhead.store.keys import ERASURE
from motorhead.store.redis_errors import refusal
from motorhead.store.scripts import DELETE, SCRIPTS
from redis_link.address import Address, parse_address
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreRefused, StoreUnavailable
from redis_link.link import RedisLink
from tests.support.kit import in_process, keys_left, wire


class FailingLink(RedisLink):
    """A link that fails after ``left`` round trips, as if its process had died, or refuses deletions."""

    def __init__(self, address: Address) -> None:
        super().__init__(address, scripts=SCRIPTS, refusal=refusal)
        self.left: int | None = None
        self.deletes = True

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """Those of Redis, until the link fails."""
        if not self.deletes and commands[0][1] == DELETE.sha:
            return [StoreRefused("Not now.")]
        if self.left is None:
            return await super().replies(commands)
        if self.left == 0:
            raise StoreUnavailable("Dead.")
        self.left -= 1
        return await super().replies(commands)


@pytest.fixture
async def failing_link(redis_url: str) -> AsyncIterator[tuple[FailingLink, httpx.AsyncClient]]:
    """The link of a memory server in this process, which can be made to fail, and a client of the server."""
    link = FailingLink(parse_address(redis_url))
    await link.open()
    async with in_process(link) as client:
        yield link, client
    await link.close()


async def test_a_deletion_that_died_anywhere_is_finished_by_asking_again(
    failing_link: tuple[FailingLink, httpx.AsyncClient], memory: httpx.AsyncClient, link: RedisLink
) -> None:
    """After a failure in any step (503), another server completes it: no key or name is left, and erasure is due."""
    dying, client = failing_link
    steps, status = 0, 503
    while status == 503:
        for namespace in ("", "?namespace=a", "?namespace=b"):
            await memory.post(f"/sessions/s/memory{namespace}", json=wire("x"))
        await link.execute("DEL", ERASURE)
        dying.left = steps
        status = (await client.delete("/sessions/s/memory")).status_code
        assert (await memory.delete("/sessions/s/memory")).status_code == 200
        assert await keys_left(link) == []
        assert await link.execute("EXISTS", ERASURE)
        steps += 1
    assert status == 200
    assert steps > 6, "it has as many steps"


async def test_a_text_that_is_gone_was_noted_to_leave_the_disk(
    failing_link: tuple[FailingLink, httpx.AsyncClient], memory: httpx.AsyncClient, link: RedisLink
) -> None:
    """Wherever a deletion failed, erasure is noted if the messages are gone, even if nobody repeats the deletion."""
    dying, client = failing_link
    status, dying.left = 503, 0
    steps = 0
    while status == 503:
        await memory.post("/sessions/s/memory", json=wire("x"))
        await link.execute("DEL", ERASURE)
        dying.left, steps = steps, steps + 1
        status = (await client.delete("/sessions/s/memory")).status_code
        there = (await memory.get("/sessions/s/memory")).json()["messages"]
        assert there or await link.execute("EXISTS", ERASURE)


async def test_a_session_that_cannot_be_deleted_stays_listed(
    failing_link: tuple[FailingLink, httpx.AsyncClient], memory: httpx.AsyncClient
) -> None:
    """When Redis refuses a deletion, session and namespace are listed as before."""
    dying, client = failing_link
    dying.deletes = False
    await memory.post("/sessions/s/memory?namespace=a", json=wire("x"))
    assert (await client.delete("/sessions/s/memory")).status_code == 503
    assert (await memory.get("/sessions?namespace=a")).json() == ["s"]
    assert (await memory.get("/namespaces")).json() == ["a"]
    assert (await memory.get("/sessions")).json() == []


async def test_a_full_redis_lets_sessions_go(memory: httpx.AsyncClient, link: RedisLink) -> None:
    """When Redis is full, deletions still succeed, also repeated ones, and the listing is cleared."""
    await memory.post("/sessions/s/memory?namespace=a", json=wire("x"))
    await link.execute("CONFIG", "SET", "maxmemory", "1")
    try:
        assert (await memory.post("/sessions/s/memory", json=wire("y"))).status_code == 503
        for _ in range(2):
            assert (await memory.delete("/sessions/s/memory")).status_code == 200
        assert await keys_left(link) == []
    finally:
        await link.execute("CONFIG", "SET", "maxmemory", "0")
