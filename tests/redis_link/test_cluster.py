"""A real cluster of three nodes: the store's contract on it, and memory servers that share it."""

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
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.messages import NewMessage
from motorhead.metrics import Metrics
from motorhead.sessions.fork import Fork
from motorhead.sessions.origin import Origins
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys, mark
from motorhead.store.leases import Leases
from motorhead.store.listing import Listing
from motorhead.store.scripts import RELEASE, SCRIPTS
from motorhead.store.store import Store
from motorhead.tools.fsck import Fsck
from motorhead.tools.importer import Import
from motorhead.tools.original import Original
from motorhead.tools.staging import Takeover
from motorhead.upkeep.erasure import Erasure
from redis_link.address import parse_address
from redis_link.cluster import ClusterLink, fitting_link
from redis_link.exceptions import StoreRefused, StoreUnavailable
from redis_link.link import Link, RedisLink
from redis_link.slots import SLOTS, slot_of
from tests.motorhead.conftest import client_of
from tests.support.cluster import Node, begin_move, end_move, running_cluster
from tests.support.kit import ObedientSummarizer, contents, idle, numbered, wire
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, free_port, running, start_memory_server

TEAM = mark("team")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Three primaries that share the slots."""
    with running_cluster([tmp_path_factory.mktemp("node") for _ in range(3)]) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def cluster(nodes: list[Node]) -> list[str]:
    """The URLs of the three primaries."""
    return [node.server.url for node in nodes]


@pytest.fixture(params=["one server", "cluster"])
async def link(request: pytest.FixtureRequest, redis_url: str, cluster: list[str]) -> AsyncIterator[Link]:
    """Each kind of link, to an empty store."""
    made: Link
    if request.param == "cluster":
        for url in cluster:
            with redis.Redis.from_url(url) as node:
                node.flushall()
        made = ClusterLink(parse_address(cluster[0]), scripts=SCRIPTS)
    else:
        made = RedisLink(parse_address(redis_url), scripts=SCRIPTS)
    await made.open()
    yield made
    await made.close()


async def test_a_command_without_a_key_reaches_a_cluster_whose_primaries_were_replaced(cluster: list[str]) -> None:
    """Also before there are connections to the new ones, while those to former ones are closed."""
    link = ClusterLink(parse_address(cluster[0]))
    await link.open()
    for command in (("PING",), ("BGREWRITEAOF",)):
        for place in list(link._nodes):
            await link._nodes.pop(place).close()
        assert await link.execute(*command)
    await link.close()


async def test_replies_are_what_redis_sends(link: Link) -> None:
    """Both links return bytes, numbers, None and lists as they come over the wire."""
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
    """A refused command raises StoreRefused on both; a script runs whether or not its node has it."""
    await link.execute("SET", "k", "x")
    with pytest.raises(StoreRefused):
        await link.execute("INCR", "k")
    assert await link.run(RELEASE, ["k"], ["other"]) == 0
    assert await link.run(RELEASE, ["k"], ["x"]) == 1


async def test_a_refusal_keeps_no_other_command_from_its_reply(link: Link) -> None:
    """Errors can be returned among the replies, so that the results of the other commands are known."""
    await link.execute("SET", "text", "x")
    refused, done = await link.replies([("INCR", "text"), ("INCR", "number")])
    assert isinstance(refused, StoreRefused)
    assert done == 1
    with pytest.raises(StoreRefused):
        await link.pipeline(("INCR", "text"), ("INCR", "number"))
    assert await link.execute("GET", "number") == b"2"


async def test_the_store_works_on_both(link: Link) -> None:
    """Append, list, fold, read and delete have the same effect on a single server and on a cluster."""
    store, listing = Store(link), Listing(link)
    folder = Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics())
    ids = [f"s{n:02}".encode() for n in range(12)]  # in this order even if two have the same millisecond
    for session_id in ids:
        commands = listing.add(session_id, mark("n"))
        await store.append(session_id, numbered(0, 13), None, mark("n"), commands, key="k")
        await store.append(session_id, numbered(0, 13), None, mark("n"), commands, key="k")
        await folder.fold(session_id)
    for state in await store.states(ids):
        assert state is not None
        assert (state.last, state.folded) == (13, 6)
    assert await listing.page(mark("n"), 1, 50, False) == ids
    assert await listing.namespaces() == ["n"]
    assert await store.delete(ids[0]) == [mark("n")]
    await listing.remove(ids[0], [mark("n")], 10**15)
    assert await listing.page(mark("n"), 1, 50, False) == ids[1:]


async def test_a_fork_crosses_slots(link: Link) -> None:
    """A session is forked to ids on any node, once each, from what it was at a message."""
    store, listing, namespace = Store(link), Listing(link), mark("forks")
    origins = Origins(link, Versions(link, None))
    due = DueFolds(FoldSettings(), lambda session_id: None)
    fork = Fork(link, origins, listing, due, erasure=Erasure(link, 600), index_soon=lambda session_id: None)
    await store.append(b"from", numbered(0, 13), None, namespace, listing.add(b"from", namespace))
    await Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics()).fold(b"from")
    ids = [b"fork%d" % number for number in range(9)]
    slots = [slot_of(("GET", SessionKeys(one).state)) or 0 for one in ids]
    assert {slot * 3 // SLOTS for slot in slots} == {0, 1, 2}, "they are on all three nodes"
    for one in ids * 2:
        await fork.fork(b"from", 9, one)
        found = await store.window(one, 8)
        assert found is not None
        assert (found[0].context, found[0].folded, len(found[1])) == ("|".join(f"m{n}" for n in range(6)), 6, 3)
    assert sorted(await listing.page(namespace, 1, 99, False)) == sorted([b"from", *ids])
    assert (await Fsck(link, listing, mend=False).run()).sentences == []


async def test_a_cluster_is_recognised(cluster: list[str], redis_url: str) -> None:
    """A link to a node of a cluster is replaced by a link to the cluster; one to a single server is kept."""
    node = RedisLink(parse_address(cluster[1]), scripts=SCRIPTS)
    await node.open()
    found = await fitting_link(node)
    assert isinstance(found, ClusterLink)
    await found.close()
    alone = RedisLink(parse_address(redis_url), scripts=SCRIPTS)
    await alone.open()
    assert await fitting_link(alone) is alone
    await alone.close()


async def test_a_cluster_out_of_reach_is_unavailable() -> None:
    """Opening a link to a cluster that is down raises StoreUnavailable."""
    link = ClusterLink(parse_address(f"redis://127.0.0.1:{free_port()}"), scripts=SCRIPTS, timeout=0.5)
    with pytest.raises(StoreUnavailable):
        await link.open()
    with pytest.raises(StoreUnavailable):
        await link.execute("GET", "k")
    await link.close()


async def test_a_stalled_node_is_unavailable_until_it_is_back_and_does_nothing_twice(cluster: list[str]) -> None:
    """Calls to a stalled node raise StoreUnavailable; later it is used again, and a lost append is executed once."""
    steady = ClusterLink(parse_address(cluster[0]), scripts=SCRIPTS)
    hasty = ClusterLink(parse_address(cluster[0]), scripts=SCRIPTS, timeout=0.4)
    await steady.open()
    await hasty.open()
    store = Store(hasty)
    await append(Store(steady), "before")
    await until_reachable(store)  # so it is connected to the node
    with stalled(owner(cluster, b"lost")):
        lost = asyncio.create_task(append(store, "lost"))
        await asyncio.wait([lost], timeout=0.7)  # a second try would have started by now
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


async def until_reachable(store: Store, session_id: bytes = b"lost") -> None:
    deadline = time.monotonic() + 20 * PATIENCE
    while time.monotonic() < deadline:
        with suppress(StoreUnavailable):
            await store.states([session_id])
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the node is not used")


def owner(cluster: list[str], session_id: bytes) -> int:
    """The process id of the node that has the session."""
    with redis.Redis.from_url(cluster[home(session_id)]) as node:
        return int(node.info("server")["process_id"])


def home(session_id: bytes) -> int:
    """The number of the node that has the session."""
    slot = slot_of(("GET", b"{" + session_id + b"}"))
    assert slot is not None
    return next(n for n in range(3) if slot < SLOTS * (n + 1) // 3)


@contextmanager
def stalled(process: int) -> Iterator[None]:
    """Pause the process for the duration of the block."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_a_stalled_node_delays_no_other_nodes_sessions(cluster: list[str]) -> None:
    """While one node stalls, calls on its slots fail, and calls on other slots are answered as usual."""
    link = ClusterLink(parse_address(cluster[0]), scripts=SCRIPTS, timeout=0.8 * PATIENCE)
    await link.open()
    store, sessions = Store(link), by_home("stalled")
    await store.states([session_id for some in sessions for session_id in some])  # so it is connected to all
    with stalled(owner(cluster, sessions[1][0])):
        for _ in range(4):
            held_up, answered = asyncio.create_task(store.state(sessions[1][0])), 0
            while not held_up.done():
                await asyncio.gather(store.state(sessions[0][0]), store.state(sessions[2][0]))
                answered += not held_up.done()
                await asyncio.sleep(0.01)
            with pytest.raises(StoreUnavailable):
                held_up.result()
            assert answered > 2  # in the second or less that the call to the stalled node takes
    await until_reachable(store, sessions[1][0])
    await link.close()


def by_home(prefix: str) -> list[list[bytes]]:
    """For each node, the ids of four of its sessions."""
    ids = [f"{prefix}{n}".encode() for n in range(100)]
    return [[session_id for session_id in ids if home(session_id) == n][:4] for n in range(3)]


async def test_a_node_killed_under_writers_loses_nothing_acknowledged(nodes: list[Node], cluster: list[str]) -> None:
    """Appends acknowledged before and after a node is killed (kill -9) are present once and in order; others go on."""
    link = ClusterLink(parse_address(cluster[0]), scripts=SCRIPTS, timeout=2 * PATIENCE)
    await link.open()
    store, sessions, victim = Store(link), by_home("killed"), nodes[1]
    refused = dict.fromkeys(range(3), 0)
    done = asyncio.Event()
    acknowledged: dict[bytes, list[str]] = {session_id: [] for some in sessions for session_id in some}

    async def write(session_id: bytes) -> None:
        turn = 0
        while not done.is_set():
            try:
                await store.append(session_id, [NewMessage("Human", f"t{turn}")], None, b"-", (), key=f"k{turn}")
            except StoreUnavailable:
                refused[home(session_id)] += 1
                await asyncio.sleep(0.05)
            else:
                acknowledged[session_id].append(f"t{turn}")
                turn += 1
                await asyncio.sleep(0.005)

    writers = [asyncio.create_task(write(session_id)) for session_id in acknowledged]
    await grown(acknowledged, 10)
    victim.server.kill()
    await grown({session_id: acknowledged[session_id] for session_id in sessions[0] + sessions[2]}, 20)
    victim.start()
    await grown(acknowledged, 10)
    done.set()
    await asyncio.gather(*writers)
    assert refused[0] == refused[2] == 0 < refused[1]
    for session_id, texts in acknowledged.items():
        found = [message.content for message in await store.messages(session_id, 1, 10**6, 10**6)]
        assert found[: len(texts)] == texts
        assert found == [f"t{turn}" for turn in range(len(found))]
    await link.close()


async def grown(acknowledged: dict[bytes, list[str]], by: int) -> None:
    """Return once each session has ``by`` more acknowledged appends."""
    wanted = {session_id: len(texts) + by for session_id, texts in acknowledged.items()}
    deadline = time.monotonic() + 30 * PATIENCE
    while any(len(acknowledged[session_id]) < count for session_id, count in wanted.items()):
        assert time.monotonic() < deadline, "writing does not go on"
        await asyncio.sleep(0.02)


async def test_a_slot_that_moves_takes_its_sessions_along(cluster: list[str]) -> None:
    """While a slot moves and afterwards, its keys are found, and appends are executed once."""
    link = ClusterLink(parse_address(cluster[0]), scripts=SCRIPTS)
    await link.open()
    store, session_id = Store(link), by_home("moved")[0][0]
    slot = slot_of(("GET", SessionKeys(session_id).state))
    await store.append(session_id, numbered(0, 2), None, b"-", ())
    with ExitStack() as stack:
        here, there = (stack.enter_context(redis.Redis.from_url(url)) for url in cluster[:2])
        for source, target, name in ((here, there, b"}new"), (there, here, b"}newer")):
            begin_move(slot, source, target)
            await link.execute("SET", b"{" + session_id + name, "asked")  # the source has no such key: ASK
            assert await link.execute("GET", b"{" + session_id + name) == b"asked"
            append = asyncio.create_task(store.append(session_id, numbered(2, 1), None, b"-", (), key="k"))
            await asyncio.sleep(0.03)  # the node answers TRYAGAIN, as the keys are on two nodes
            end_move(slot, source, target)
            await append
            assert [message.content for message in await store.messages(session_id, 1, 9, 9)] == ["m0", "m1", "m2"]
    await link.close()


async def test_many_sessions_are_asked_about_in_one_round_trip_a_node(cluster: list[str]) -> None:
    """A listing of sixty sessions takes one round trip per node, and every round trip is timed for the metrics."""
    seen: list[float] = []
    link = ClusterLink(parse_address(cluster[0]), scripts=SCRIPTS, on_reply=seen.append)
    await link.open()
    ids = [b"many%d" % n for n in range(60)]
    for session_id in ids:
        await Store(link).append(session_id, numbered(0, 1), None, TEAM, Listing(link).add(session_id, TEAM))
    seen.clear()
    assert len(await Store(link).states(ids)) == 60
    assert len(seen) == 3
    assert set(await Listing(link).page(TEAM, 1, 100, False)) == set(ids)
    assert len(seen) == 3 + 1 + 3
    await link.close()


async def test_two_servers_on_a_cluster_fold_each_session_once(
    cluster: list[str], summary_model: ScriptedOpenAI, tmp_path: Path
) -> None:
    """Two memory servers on three nodes, with turns sent to either, keep every message once."""
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
    """Sessions of an original Motörhead are imported and continued, and damage in the store is found and repaired."""
    for n in range(5):
        await link.execute("RPUSH", f"session:i{n}", f"AI: answer {n}", f"Human: question {n}")
        await link.execute("ZADD", "sessions:team", n, f"i{n}")
    await link.execute("SET", "session:foreign", "x")
    first = await Import(Original(link), Takeover(link)).run(lambda done, of: None)
    assert (first.sessions, first.messages, len(first.skipped)) == (5, 10, 1)
    await Store(link).delete(b"i0")
    await link.execute("LPUSH", "session:i1", "Human: more")
    second = await Import(Original(link), Takeover(link)).run(lambda done, of: None)
    assert (second.sessions, second.continued, second.again, second.deleted) == (0, 1, 3, 1)
    keys = SessionKeys(b"i1")
    assert await Listing(link).page(mark("team"), 1, 9, False) == [b"i1", b"i2", b"i3", b"i4"]
    assert (await Fsck(link, Listing(link), mend=False).run()).sentences == []
    await link.execute("HSET", keys.state, "last", "abc")
    await link.execute("XADD", keys.versions, "9-0", "v", "garbage")
    await link.execute("XADD", keys.messages, "9-0", "m", "garbage")
    await link.execute("SET", SessionKeys(b"i2").versions, "x")
    assert (await Fsck(link, Listing(link), mend=True).run()).left == 0
    assert (await Fsck(link, Listing(link), mend=False).run()).sentences == []
    assert [message.content for message in await Store(link).messages(b"i1", 1, 9, 9)][2:] == ["more"]
