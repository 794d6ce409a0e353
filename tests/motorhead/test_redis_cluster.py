"""A real cluster of three nodes: the store's contract on it, replicas beside each other, and the server over it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import redis

from motorhead.config import FoldSettings
from motorhead.exceptions import StoreRefused, StoreUnavailable
from motorhead.folding import Folder
from motorhead.fsck import Fsck
from motorhead.importing import Import
from motorhead.keys import SessionKeys, mark
from motorhead.leases import Leases
from motorhead.listing import Listing
from motorhead.messages import NewMessage
from motorhead.metrics import Metrics
from motorhead.redis_address import parse_address
from motorhead.redis_cluster import ClusterLink, fitting_link
from motorhead.redis_link import Link, RedisLink
from motorhead.scripts import RELEASE
from motorhead.store import Store
from tests.motorhead.conftest import client_of
from tests.motorhead.kit import ObedientSummarizer, contents, idle, numbered, wire
from tests.scripted_openai import ScriptedOpenAI
from tests.servers import PATIENCE, free_port, running, start_memory_server, start_valkey

SLOTS = 16_384


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The URLs of three masters that share the slots."""
    with ExitStack() as stack:
        urls = []
        for _ in range(3):
            # The bus of a node listens on a port of its own; without one it would be the port plus 10,000.
            options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
            folder = tmp_path_factory.mktemp("node")
            urls.append(stack.enter_context(running(start_valkey(folder, None, *options))).url)
        join([stack.enter_context(redis.Redis.from_url(url)) for url in urls])
        yield urls


def join(nodes: list[redis.Redis]) -> None:
    """Make the nodes one cluster, each with a third of the slots."""
    for number, node in enumerate(nodes):
        first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    first_port = nodes[0].connection_pool.connection_kwargs["port"]
    bus = str(nodes[0].config_get("cluster-port")["cluster-port"])
    for node in nodes[1:]:
        node.execute_command("CLUSTER", "MEET", "127.0.0.1", first_port, bus)
    deadline = time.monotonic() + 20 * PATIENCE
    while not all(ready(node) for node in nodes):
        assert time.monotonic() < deadline, "the cluster did not form"
        time.sleep(0.05)


def ready(node: redis.Redis) -> bool:
    state = bytes(node.execute_command("CLUSTER", "INFO"))
    return b"cluster_state:ok" in state and b"cluster_known_nodes:3" in state


@pytest.fixture(params=["one server", "cluster"])
async def link(request: pytest.FixtureRequest, redis_url: str, cluster: list[str]) -> AsyncIterator[Link]:
    """Both links, each over an empty store."""
    made: Link
    if request.param == "cluster":
        for url in cluster:
            with redis.Redis.from_url(url) as node:
                node.flushall()
        made = ClusterLink(parse_address(cluster[0]))
    else:
        made = RedisLink(parse_address(redis_url))
    await made.open()
    yield made
    await made.close()


async def test_replies_are_what_redis_sends(link: Link) -> None:
    """Both links answer bytes, numbers, None and lists as they come over the wire."""
    assert await link.execute("SET", "k", "v") == b"OK"
    assert await link.execute("SET", "k", "v", "NX") is None
    assert await link.execute("HSET", "h", "a", 1, b"b", 2.5) == 2
    assert await link.execute("HMGET", "h", "a", "b", "c") == [b"1", b"2.5", None]
    assert await link.execute("XADD", "s", "1-0", "m", b"\xff") == b"1-0"
    assert await link.execute("XRANGE", "s", "-", "+") == [[b"1-0", [b"m", b"\xff"]]]
    assert await link.execute("SADD", "set", "x") == 1
    assert await link.execute("SMEMBERS", "set") == [b"x"]
    assert await link.execute("ZADD", "z", 5, "m") == 1
    assert await link.execute("ZRANGEBYSCORE", "z", "-inf", "+inf", "LIMIT", 0, 5) == [b"m"]
    assert await link.pipeline(("GET", "k"), ("EXISTS", "nothing"), ("ZSCORE", "z", "m")) == [b"v", 0, b"5"]


async def test_refusals_and_scripts_are_alike(link: Link) -> None:
    """A refused command is StoreRefused on both; a script runs whether or not its node knows it."""
    await link.execute("SET", "k", "x")
    with pytest.raises(StoreRefused):
        await link.execute("INCR", "k")
    assert await link.run(RELEASE, ["k"], ["other"]) == 0
    assert await link.run(RELEASE, ["k"], ["x"]) == 1


async def test_the_store_works_on_both(link: Link) -> None:
    """Append, list, fold, read and delete leave the same on one server and on a cluster."""
    store, listing = Store(link), Listing(link)
    folder = Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics())
    ids = [f"s{n}".encode() for n in range(12)]
    for session_id in ids:
        commands = listing.add(session_id, mark("n"))
        await store.append(session_id, numbered(0, 13), None, mark("n"), commands, key="k")
        await store.append(session_id, numbered(0, 13), None, mark("n"), commands, key="k")
        await folder.fold(session_id)
    for state in await store.states(ids):
        assert state is not None
        assert (state.last, state.folded) == (13, 7)
    assert await listing.page(mark("n"), 1, 50, False) == ids
    assert await listing.namespaces() == ["n"]
    assert await store.delete(ids[0]) == [mark("n")]
    await listing.remove(ids[0], [mark("n")], 10**15)
    assert await listing.page(mark("n"), 1, 50, False) == ids[1:]


async def test_a_cluster_is_recognised(cluster: list[str], redis_url: str) -> None:
    """A link to a node of a cluster is exchanged for the cluster's; one to a single server is kept."""
    node = RedisLink(parse_address(cluster[1]))
    await node.open()
    found = await fitting_link(node)
    assert isinstance(found, ClusterLink)
    await found.close()
    alone = RedisLink(parse_address(redis_url))
    await alone.open()
    assert await fitting_link(alone) is alone
    await alone.close()


async def test_a_cluster_out_of_reach_is_unavailable() -> None:
    """A cluster that is not there is told as such."""
    link = ClusterLink(parse_address(f"redis://127.0.0.1:{free_port()}"), timeout=0.5)
    with pytest.raises(StoreUnavailable):
        await link.open()
    with pytest.raises(StoreUnavailable):
        await link.execute("GET", "k")
    await link.close()


async def test_a_stalled_node_is_unavailable_until_it_is_back_and_does_nothing_twice(cluster: list[str]) -> None:
    """Calls on a node that stalls are StoreUnavailable, it is used again afterwards, and a lost append is done once."""
    steady, hasty = ClusterLink(parse_address(cluster[0])), ClusterLink(parse_address(cluster[0]), timeout=0.4)
    await steady.open()
    await hasty.open()
    store = Store(hasty)
    await append(Store(steady), "before")
    await until_reachable(store)  # and connected to the node
    with stalled(owner(cluster, b"lost")):
        lost = asyncio.create_task(append(store, "lost"))
        await asyncio.wait([lost], timeout=0.7)  # a second try would be under way now
    with pytest.raises(StoreUnavailable):
        await lost
    await until_reachable(store)
    await append(Store(steady), "after")
    found = [message.content for message in await Store(steady).messages(b"lost", 1, 99, 99)]
    assert sorted(set(found)) == sorted(found)
    assert {"before", "after"} <= set(found)
    await steady.close()
    await hasty.close()


async def append(store: Store, text: str) -> None:
    await store.append(b"lost", [NewMessage("Human", text)], None, mark(None), ())


async def until_reachable(store: Store) -> None:
    deadline = time.monotonic() + 20 * PATIENCE
    while time.monotonic() < deadline:
        with suppress(StoreUnavailable):
            await store.states([b"lost"])
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the node is not used")


def owner(cluster: list[str], session_id: bytes) -> int:
    """The process of the node that has the session."""
    with redis.Redis.from_url(cluster[0]) as node:
        slot = int(node.execute_command("CLUSTER", "KEYSLOT", b"{" + session_id + b"}"))
    number = next(n for n in range(3) if slot < SLOTS * (n + 1) // 3)
    with redis.Redis.from_url(cluster[number]) as node:
        return int(node.info("server")["process_id"])


@contextmanager
def stalled(process: int) -> Iterator[None]:
    """The process does nothing within the block."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_two_servers_on_a_cluster_fold_each_session_once(
    cluster: list[str], summary_model: ScriptedOpenAI, tmp_path: Path
) -> None:
    """Two memory servers over three nodes, with turns sent to either, keep every message once."""
    settings = {"OPENAI_BASE_URL": summary_model.url}
    with (
        running(start_memory_server(cluster[0], tmp_path / "one", None, **settings)) as one,
        running(start_memory_server(cluster[2], tmp_path / "two", None, **settings)) as two,
    ):
        async with client_of(one) as first, client_of(two) as second:
            for turn in range(10):
                for n in range(6):
                    client, body = (first, second)[(turn + n) % 2], wire(f"q{turn}", f"a{turn}")
                    await client.post(f"/sessions/r{n}/memory", json=body)
            for n in range(6):
                answer = await idle(second, f"r{n}")
                history = (await first.get(f"/sessions/r{n}/messages?limit=200")).json()["messages"]
                everything = [f"{who}{turn}" for turn in range(10) for who in "qa"]
                assert [message["content"] for message in reversed(history)] == everything
                assert contents(answer) == everything[answer["window"]["folded"] :]
                versions = (await first.get(f"/sessions/r{n}/summaries")).json()["summaries"]
                assert sum(v["folded"]["count"] for v in versions) == answer["window"]["folded"]


async def test_import_and_examination_work_on_both(link: Link) -> None:
    """An original's sessions are taken over and continued, and damage in the store is found and mended."""
    for n in range(5):
        await link.execute("RPUSH", f"session:i{n}", f"AI: answer {n}", f"Human: question {n}")
        await link.execute("ZADD", "sessions:team", n, f"i{n}")
    await link.execute("SET", "session:foreign", "x")
    first = await Import(link, link).run(lambda done, of: None)
    assert (first.sessions, first.messages, len(first.skipped)) == (5, 10, 1)
    await Store(link).delete(b"i0")
    await link.execute("LPUSH", "session:i1", "Human: more")
    second = await Import(link, link).run(lambda done, of: None)
    assert (second.sessions, second.continued, second.again, second.deleted) == (0, 1, 3, 1)
    keys = SessionKeys(b"i1")
    assert await Listing(link).page(mark("team"), 1, 9, False) == [b"i1", b"i2", b"i3", b"i4"]
    assert (await Fsck(link, mend=False).run()).sentences == []
    await link.execute("HSET", keys.state, "last", "abc")
    await link.execute("XADD", keys.versions, "9-0", "v", "garbage")
    await link.execute("XADD", keys.messages, "9-0", "m", "garbage")
    await link.execute("SET", SessionKeys(b"i2").versions, "x")
    assert (await Fsck(link, mend=True).run()).left == 0
    assert (await Fsck(link, mend=False).run()).sentences == []
    assert [message.content for message in await Store(link).messages(b"i1", 1, 9, 9)][2:] == ["more"]
