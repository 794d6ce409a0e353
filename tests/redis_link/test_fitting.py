"""The link that connects when it is first used."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from redis_link.address import parse_address
from redis_link.exceptions import StoreError, StoreRefused, StoreUnavailable
from redis_link.fitting import FittingLink, opened
from redis_link.link import RedisLink
from redis_link.scripts import Script
from tests.support.cluster import Node, running_cluster
from tests.support.kit import until
from tests.support.links import linked
from tests.support.servers import PATIENCE, free_port, running, start_valkey

ECHO = Script.of("return ARGV[1]")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """A cluster."""
    with running_cluster([tmp_path_factory.mktemp("node") for _ in range(3)]) as nodes:
        yield nodes


@pytest.mark.parametrize("kind", ["one server", "cluster"])
async def test_every_call_is_passed_on(request: pytest.FixtureRequest, redis_url: str, kind: str) -> None:
    """One address leads to a server or to its whole cluster; the first call connects."""
    url = redis_url if kind == "one server" else request.getfixturevalue("nodes")[2].server.url
    link = FittingLink(parse_address(url), scripts=[ECHO])
    assert await link.execute("SET", "{a}k", "v") == b"OK"
    assert await link.pipeline(("GET", "{a}k"), ("GET", "{b}k")) == [b"v", None]
    assert await link.gather(("GET", "{a}k"), ("GET", "{b}k")) == [b"v", None]
    for found in (await link.replies([("GET", "{a}k"), ("INCR", "{a}k")]), await link.settle(*[("INCR", "{a}k")] * 2)):
        assert isinstance(found[1], StoreRefused)
    assert await link.run(ECHO, ["k"], ["x"]) == b"x"
    assert [key async for key in link.scan("{a}*")] == [b"{a}k"]
    assert link.home("{a}").port == link.home("{a}k").port
    link.doubt()
    await link.open()
    await link.close()


async def test_a_server_that_is_away_is_reached_when_it_comes(tmp_path: Path) -> None:
    """Until then commands fail, in every way of asking; the link stays the same."""
    port = free_port()
    async with linked(f"redis://127.0.0.1:{port}") as link:
        with pytest.raises(StoreUnavailable, match="cannot be"):
            await link.execute("PING")
        with pytest.raises(StoreUnavailable):
            link.home("k")
        with running(start_valkey(tmp_path, port)):

            async def answers() -> bool:
                try:
                    return bool(await link.execute("PING") == b"PONG")
                except StoreError:
                    return False

            await until(answers)


async def test_it_can_be_closed_unused_twice_and_while_it_connects() -> None:
    """No task is left behind."""
    tasks = asyncio.all_tasks()
    link = FittingLink(parse_address(f"redis://127.0.0.1:{free_port()}"))
    await link.close()
    link.begin()
    await asyncio.sleep(0)
    await link.close()
    await link.close()
    assert asyncio.all_tasks() == tasks


async def test_a_cluster_is_reached_while_some_of_the_named_nodes_are_away(nodes: list[Node]) -> None:
    """Any of them will do, also behind one that does not answer; the others are learned from it."""
    hosts = [f"127.0.0.1:{port}" for port in (free_port(), free_port(), nodes[1].port)]
    async with linked(f"redis://{','.join(hosts)}") as link:
        await link.open()
        for key in ("a", "b", "c", "d"):
            assert await link.execute("SET", key, "v") == b"OK"


async def test_a_named_node_that_is_silent_is_passed_over(nodes: list[Node]) -> None:
    """Its share of the time to answer is spent, not all of it, before the next one is tried."""
    async with await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0) as silent:
        hosts = [f"127.0.0.1:{port}" for port in (silent.sockets[0].getsockname()[1], nodes[1].port)]
        link = await opened(RedisLink(parse_address(f"redis://{','.join(hosts)}"), timeout=5 * PATIENCE))
        assert await link.execute("SET", "k", "v") == b"OK"
        await link.close()


async def test_several_servers_that_are_no_cluster_are_refused(redis_url: str) -> None:
    """A link must not lead to one of them now and to another one later."""
    host = redis_url.removeprefix("redis://")
    with pytest.raises(StoreUnavailable, match="is no node of a Cluster"):
        await opened(RedisLink(parse_address(f"redis://{host},{host}")))
