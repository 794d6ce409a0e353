"""The store of runs and grants, over real Valkeys and connections that are cut."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from chat.domain.exceptions import RunLogUnreachable
from chat.runs.scripts import COUNT
from chat.runs.store import Store
from redis_link.connection import Command, Reply
from redis_link.exceptions import ConnectionLost, StoreUnavailable
from redis_link.link import Link
from tests.support.links import linked
from tests.support.servers import free_port


class Cut:
    """A link whose next ``times`` commands are executed, but lose their replies."""

    def __init__(self, link: Link, times: int, error: type[StoreUnavailable] = ConnectionLost) -> None:
        self._link = link
        self._error = error
        self.times = times

    async def execute(self, *command: object) -> Reply:
        return self._cut(await self._link.execute(*command))  # type: ignore[arg-type]

    async def pipeline(self, *commands: Command) -> list[Reply]:
        return list(self._cut(await self._link.pipeline(*commands)))

    def _cut(self, reply: Reply) -> Reply:
        self.times -= 1
        if self.times >= 0:
            raise self._error("lost")
        return reply


def cut(link: object, times: int, error: type[StoreUnavailable] = ConnectionLost, *, full: bool = False) -> Store:
    return Store(Cut(link, times, error), lambda: full)  # type: ignore[arg-type]


async def test_what_a_lost_connection_interrupted_is_sent_again(redis_url: str) -> None:
    """Three times, on its own, among others and in a script."""
    async with linked(redis_url) as link:
        assert await cut(link, 3).ask("SET", "k", "v") == b"OK"
        assert await cut(link, 3).ask_all(("GET", "k"), ("GET", "none")) == [b"v", None]
        assert await cut(link, 1).run(COUNT, ["n"], 60, 1) == [1, 60]
        with pytest.raises(RunLogUnreachable):
            await cut(link, 4).ask("GET", "k")


async def test_what_counts_is_not_sent_again(redis_url: str) -> None:
    """Nor is anything to a Redis that is silent: nobody waits for longer than its time-out."""
    async with linked(redis_url) as link:
        with pytest.raises(RunLogUnreachable):
            await cut(link, 1).ask_once("INCR", "n")
        silent = cut(link, 1, StoreUnavailable)
        with pytest.raises(RunLogUnreachable):
            await silent.ask("INCR", "n")
        assert await link.execute("GET", "n") == b"2"


async def test_an_outage_with_a_full_disk_is_blamed_on_it(redis_url: str) -> None:
    """The same write would end the next Redis, too."""
    async with linked(redis_url) as link:
        with pytest.raises(RunLogUnreachable) as outage:
            await cut(link, 1, full=True).ask("INCR", "n")
        assert outage.value.reason == "disk_full"
        assert await link.execute("GET", "n") == b"1"


async def test_an_outage_is_reported_only_where_it_is_seen(redis_url: str) -> None:
    """What was made good is not: nobody was affected."""
    outages = []
    async with linked(redis_url) as link:
        flaky: Any = Cut(link, 1)
        store = Store(flaky, on_outage=lambda: outages.append(1))
        await store.ask("PING")
        assert not outages
        flaky.times = 1
        with pytest.raises(RunLogUnreachable):
            await store.ask_once("PING")
        assert len(outages) == 1


async def test_each_reply_of_many_has_its_own_outage(redis_url: str) -> None:
    """The others are not affected. A store that is away answers none."""
    async with linked(redis_url) as link:
        await link.execute("SET", "text", "x")
        refused, done = await Store(link).settle(("INCR", "text"), ("INCR", "number"))
        assert isinstance(refused, RunLogUnreachable)
        assert (refused.reason, done) == ("read_only", 1)
        assert await Store(link).ask_many(("GET", "text"), ("GET", "number")) == [b"x", b"1"]
    async with linked(f"redis://127.0.0.1:{free_port()}") as nowhere:
        with pytest.raises(RunLogUnreachable):
            await Store(nowhere).settle(("GET", "text"))


async def test_a_connection_killed_under_commands_loses_none(store: Store, client: Redis) -> None:
    """They are answered over the next connection."""
    await store.ask("PING")
    asking = [asyncio.create_task(store.ask("SET", f"k{number}", number)) for number in range(50)]
    await client.execute_command("CLIENT", "KILL", "SKIPME", "yes")
    assert await asyncio.gather(*asking) == [b"OK"] * 50
