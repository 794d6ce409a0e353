"""What a store lacks for keeping sessions: real servers, set up as people set them up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import redis

from redis_link.address import parse_address
from redis_link.exceptions import StoreUnavailable
from redis_link.fitness import Server, check_store, fields_of, too_old
from redis_link.fitting import FittingLink, opened
from redis_link.link import RedisLink
from redis_link.prefixed import prefixed
from tests.support.blocks import blocks
from tests.support.cluster import Node, running_cluster
from tests.support.links import linked
from tests.support.servers import Server as Process, running, start_valkey

KEY = "mh:{}:rights"


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server whose settings the tests change."""
    with running(start_valkey(tmp_path_factory.mktemp("valkey"))) as server:
        yield server


@pytest.fixture
async def link(valkey: Process) -> AsyncIterator[FittingLink]:
    """A link to it, with the settings of the start."""
    async with linked(valkey.url) as link:
        await link.execute("FLUSHALL")
        await settle_on(link, maxmemory="0", appendonly="yes", save="", **{"maxmemory-policy": "noeviction"})
        yield link


async def settle_on(link: FittingLink, **settings: str) -> None:
    """Change settings of the server."""
    for name, value in settings.items():
        await link.execute("CONFIG", "SET", name, value)


async def test_a_store_that_keeps_everything_is_fit(link: FittingLink) -> None:
    """Nothing is said, and no key is left behind. A policy means nothing without a limit."""
    assert await check_store(link, KEY) == []
    await settle_on(link, **{"maxmemory-policy": "allkeys-lru"})
    assert await check_store(link, KEY) == []
    await settle_on(link, maxmemory="100mb", **{"maxmemory-policy": "noeviction"})
    assert await check_store(link, KEY) == []
    assert await link.execute("DBSIZE") == 0


async def test_a_store_that_deletes_sessions_is_refused(link: FittingLink) -> None:
    """The sentence says why, and what to set; one that deletes only what expires is warned of."""
    await settle_on(link, maxmemory="100mb", **{"maxmemory-policy": "allkeys-lfu"})
    with pytest.raises(StoreUnavailable, match=r"deletes sessions .*\(maxmemory-policy allkeys-lfu\)\. Set .*noevict"):
        await check_store(link, KEY)
    await settle_on(link, **{"maxmemory-policy": "volatile-ttl"})
    (warning,) = await check_store(link, KEY)
    assert warning.startswith(f"Redis at {link.address} deletes what is still needed when its memory is full (maxmem")


@pytest.mark.parametrize(("save", "said"), [("", "when it ends, all sessions are lost"), ("3600 1", "now and then")])
async def test_a_store_that_forgets_is_warned_of(link: FittingLink, save: str, said: str) -> None:
    """It keeps nothing, or only snapshots. The append-only file is what counts."""
    await settle_on(link, save=save)
    assert await check_store(link, KEY) == []
    await settle_on(link, appendonly="no", save=save)
    (warning,) = await check_store(link, KEY)
    assert said in warning
    assert "Set appendonly yes" in warning


async def test_a_store_that_writes_when_the_system_likes_is_warned_of(link: FittingLink) -> None:
    """With `appendfsync no`, that is; not with `everysec`."""
    try:
        for mode, said in (("no", ["appendfsync no"]), ("everysec", []), ("always", [])):
            await settle_on(link, appendfsync=mode)
            found = await check_store(link, KEY)
            assert len(found) == len(said)
            assert all(words in sentence for words, sentence in zip(said, found, strict=True))
    finally:
        await settle_on(link, appendfsync="always")


async def test_a_replica_is_refused(link: FittingLink) -> None:
    """The sentence names its primary."""
    await link.execute("REPLICAOF", "127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailable, match=r"is a replica\. Name its primary, which is 127\.0\.0\.1:1, or"):
            await check_store(link, KEY)
    finally:
        await link.execute("REPLICAOF", "NO", "ONE")


def test_a_server_without_sharded_channels_is_too_old() -> None:
    """Redis before 7.0 is; every Valkey is new enough."""
    assert not too_old(Server("a", fields_of(b"# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\n")))
    assert too_old(Server("a", fields_of(b"# Server\r\nredis_version:6.2.14\r\n"))).startswith("is version 6.2.14.")


@pytest.mark.parametrize(
    ("rules", "lacks"),
    [
        ("~mh:* &mh:* +@all -@dangerous +info", None),
        ("~mh:* &mh:* +@all -config", None),
        ("~mh:* +@all", "channel"),
        ("~chat:* &* +@all", "key"),
        ("~* &* +@all -@scripting", "eval"),
        ("~* &* +@all -@stream", "xdel"),
        ("~* &* +@all -time", "time"),
        ("~shop:mh:* &shop:mh:* +@all", "key"),
    ],
)
async def test_a_user_without_a_right_is_refused(link: FittingLink, rules: str, lacks: str | None) -> None:
    """The sentence says which right. What CONFIG would say is not said where it is forbidden."""
    await settle_on(link, appendonly="no", save="3600 1")
    await link.execute("ACL", "SETUSER", "site", "reset", "on", ">s3cret", *rules.split())
    as_site = await opened(RedisLink(parse_address(f"redis://site:s3cret@{link.address}")))
    if lacks is None:
        assert await check_store(as_site, KEY) == []
    else:
        with pytest.raises(StoreUnavailable, match=rf"user of Redis at {link.address} lacks a right: .*{lacks}.*ACL"):
            await check_store(as_site, KEY)
    if "shop" in rules:
        assert await check_store(prefixed(as_site, "shop:"), KEY) != []
    await as_site.close()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """A cluster."""
    with running_cluster([tmp_path_factory.mktemp("node") for _ in range(3)]) as nodes:
        yield nodes


async def test_every_node_of_a_cluster_counts(nodes: list[Node]) -> None:
    """What is to be said of two is said once."""
    for node in nodes[1:]:
        with redis.Redis.from_url(node.server.url) as direct:
            direct.config_set("maxmemory", "100mb", "maxmemory-policy", "volatile-lru")
    async with linked(nodes[0].server.url) as link:
        (warning,) = await check_store(link, KEY)
    assert "(as does 127.0.0.1:" in warning
    assert [str(node.port) in warning for node in nodes] == [False, True, True]


async def test_a_node_that_is_away_keeps_no_worker_from_starting(nodes: list[Node]) -> None:
    """A replica will take its place, and the others can be looked at."""
    async with linked(nodes[0].server.url) as link:
        await link.open()
        nodes[1].server.kill()
        try:
            assert all(str(nodes[1].port) not in said for said in await check_store(link, KEY))
        finally:
            nodes[1].start()


async def test_a_database_that_is_not_there_is_named(nodes: list[Node]) -> None:
    """A Cluster has only one."""
    with pytest.raises(StoreUnavailable, match="it has no database 3; a Cluster has only 0"):
        await opened(RedisLink(parse_address(nodes[0].server.url + "/3")))


async def test_the_documented_rights_are_enough(link: FittingLink) -> None:
    """Those that may be left out are not needed."""
    (written,) = blocks("deployment.md", "acl")
    rules = [rule for line in written.splitlines() for rule in line.split()[3:]]
    for rights in (rules, rules[:-4]):
        await link.execute("ACL", "SETUSER", "chat", "reset", *rights)
        as_site = await opened(RedisLink(parse_address(f"redis://chat:password@{link.address}")))
        assert await check_store(as_site, KEY) == await check_store(as_site, "chat:run:{}:rights") == []
        await as_site.close()
