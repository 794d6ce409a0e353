"""Links of two sites that share a store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import redis

from chat.runs.scripts import COUNT
from redis_link.exceptions import StoreRefused
from redis_link.prefixed import PrefixedLink, prefixed
from redis_link.subscriptions import Subscriptions
from tests.redis_link.test_subscriptions import Ear
from tests.support.cluster import Node, running_cluster
from tests.support.links import linked

SUM = "return redis.call('INCRBY', KEYS[1], ARGV[1]) + redis.call('INCRBY', KEYS[2], ARGV[1])"
PUBLISH = "return redis.call('SPUBLISH', KEYS[1] .. ':bell', '')"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """A cluster."""
    with running_cluster([tmp_path_factory.mktemp("node") for _ in range(3)]) as nodes:
        yield nodes


@pytest.fixture(params=["one server", "cluster"])
async def url(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[str]:
    """The address of one server, and of a node of the cluster, which are empty."""
    if request.param == "one server":
        yield redis_url
        return
    nodes: list[Node] = request.getfixturevalue("nodes")
    for node in nodes:
        with redis.Redis.from_url(node.server.url) as client:
            client.flushall()
    yield nodes[0].server.url


async def test_no_site_sees_a_key_of_another(url: str) -> None:
    """In every way of asking: keys begin with the prefix of their site, and are read without it."""
    async with linked(url) as link:
        shop, bar = prefixed(link, "shop:"), prefixed(link, "bar:")
        await shop.open()
        for site, value in ((shop, "s"), (bar, "b")):
            assert await site.execute("SET", "{a}k", value) == b"OK"
            assert await site.pipeline(("HSET", b"{a}h", "f", value), ("HGET", "{a}h", "f")) == [1, value.encode()]
            assert await site.gather(("GET", "{a}k"), ("GET", "{b}k")) == [value.encode(), None]
            refused, found = await site.settle(("INCR", "{a}k"), ("GET", "{a}k"))
            assert isinstance(refused, StoreRefused)
            assert [found] == await site.replies([("GET", "{a}k")]) == [value.encode()]
            assert await site.run(COUNT, ["{a}1"], [60, 1]) == [0, 0]
            assert await site.execute("EVAL", SUM, 2, "{a}1", "{a}2", 2) == 3 + 2
            assert sorted([key async for key in site.scan("{a}*")]) == [b"{a}1", b"{a}2", b"{a}h", b"{a}k"]
            assert await site.execute("UNLINK", "{a}1", "{a}2") == 2
            assert await site.execute("PING") == b"PONG"
            assert site.home("{a}k") == link.home("{a}k")
            site.doubt()
        assert sorted([key async for key in link.scan("*")]) == [b"bar:{a}h", b"bar:{a}k", b"shop:{a}h", b"shop:{a}k"]
        await shop.close()


async def test_channels_have_the_prefix_too(url: str) -> None:
    """A site's script publishes on the channel that is named after its key."""
    async with linked(url) as link:
        shop, bar = Subscriptions(link, prefix="shop:"), Subscriptions(link, prefix="bar:")
        ears = [Ear(site, "run:{a}:bell") for site in (shop, bar)]
        for ear in ears:
            await ear.hear()
        await PrefixedLink(link, "shop:").execute("EVAL", PUBLISH, 1, "run:{a}")
        await ears[0].hear()
        assert not ears[1]._event.is_set()
        ears[0]._event.clear()
        shop.unsubscribe("run:{a}:bell")
        await shop.close()
        await bar.close()


async def test_without_a_prefix_a_link_is_itself(redis_url: str) -> None:
    """Nothing is done to its commands."""
    async with linked(redis_url) as link:
        assert prefixed(link, "") is link
