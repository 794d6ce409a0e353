"""The whole site on a real Redis Cluster: three primaries, one of which has a replica."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import redis
from websockets.exceptions import ConnectionClosed

from chat.runs.keys import ACTIVE
from redis_link.address import parse_address
from redis_link.cluster import ClusterLink
from redis_link.exceptions import ConnectionLost
from redis_link.slots import SLOTS, slot_of_key
from tests.ai_sdk.sockets import Answer, Socket, Visitor, resume_frame, send_frame, user_message, visit
from tests.ai_sdk.test_socket import watch
from tests.support.cluster import Node, begin_move, end_move, follows, running_cluster
from tests.support.ports import until
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site
from tests.system.test_chaos import Talk, answers, everything_said, reply

#: Sessions that chat while nodes fail and slots move: some on every node.
SESSIONS = 12
#: A key in a slot of the first node, and of its replica.
OF_THE_FIRST = "{hang}"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Three primaries, and a replica of the first."""
    folders = [tmp_path_factory.mktemp("node") for _ in range(4)]
    with running_cluster(folders, "--cluster-node-timeout", str(int(500 * PATIENCE))) as nodes:
        yield nodes


@contextmanager
def site_on(nodes: list[Node], data: Path, model: ScriptedOpenAI, **settings: str) -> Iterator[Site]:
    """A site with two workers on the cluster of ``nodes``."""
    settings = {"REDIS_URL": nodes[1].server.url, "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "k", **settings}
    with running(start_site(data, "--workers", "2", **settings)) as site:
        yield site


@pytest.fixture(scope="module")
def site(nodes: list[Node], model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose workers' runs are soon taken over."""
    lease = str(PATIENCE)
    with site_on(nodes, tmp_path_factory.mktemp("site"), model, CHAT_TURNS_PER_MINUTE="0", CHAT_LEASE=lease) as site:
        yield site


def on_every_node(visitor: Visitor, count: int) -> list[str]:
    """``count`` sessions of the visitor, as many on each node."""
    homes: list[list[str]] = [[], [], []]
    for number in range(1000):
        slot = slot_of_key(f"{{{visitor.owner}.s{number}}}")
        homes[slot * 3 // SLOTS].append(f"s{number}")
    return [home[number] for number in range(count // 3) for home in homes]


async def test_a_turn_is_answered_followed_elsewhere_stopped_and_remembered(site: Site, model: ScriptedOpenAI) -> None:
    """In sessions on every node: sent on one worker, read on the other at once, and stopped from there."""
    visitor = await visit(site)
    for session in on_every_node(visitor, 3):
        async with visitor.socket() as first:
            assert (await first.ask(session, "hi")).text == "You said: hi"
            model.enqueue(Reply("one two three", gate=Gate(), gate_at=2))
            await first.send(send_frame("a", session, user_message("count")))
            begun = await first.until("a", "text-delta")
            async with visitor.socket_apart(begun.pid) as second:
                await second.send(resume_frame("b", session))
                followed = await second.until("b", "text-delta")
                await second.send({"type": "abort", "requestId": "b"})
                stopped = await first.answer("a", begun)
            assert stopped.message_id == followed.message_id
            assert stopped.kinds[-1] == "abort"
        said = [message["content"] for message in reversed((await visitor.memory(session))["messages"])]
        assert said[:3] == ["hi", "You said: hi", "count"]
        assert said[3].startswith("one")


async def test_a_change_of_memory_is_followed_in_every_worker(site: Site, model: ScriptedOpenAI) -> None:
    """In sessions on every node: an edited summary reaches who watches it, at once and on both workers."""
    visitor = await visit(site)
    for session in on_every_node(visitor, 3):
        async with visitor.socket() as first:
            answer = await first.ask(session, "hi")
            async with visitor.socket_apart(answer.pid) as second:
                for socket in (first, second):
                    await socket.send(watch("w", session))
                    assert (await memory_with(socket, messages=2))["folded"] == 0
                headers = {"Authorization": f"Bearer {visitor.token()}", "If-Match": "*"}
                async with httpx.AsyncClient(base_url=site.url, headers=headers, trust_env=False) as api:
                    path, new = f"/api/v1/sessions/{session}/summary", {"text": "They met."}
                    (await api.put(path, json=new)).raise_for_status()
                for socket in (first, second):
                    await memory_with(socket, context="They met.")


async def memory_with(socket: Socket, **fields: object) -> dict[str, object]:
    """The next memory with these ``fields`` on a socket that watches one."""
    while True:
        frame = await socket.next("w")
        memory: dict[str, object] = frame.get("chunk", {}).get("data", {})
        if fields.items() <= memory.items():
            return memory


def keys_of(nodes: list[Node]) -> set[bytes]:
    """All keys of the primaries."""
    found: set[bytes] = set()
    for node in nodes[:3]:
        with redis.Redis.from_url(node.server.url) as client:
            found.update(client.scan_iter())
    return found


async def resumed(visitor: Visitor, session: str) -> Answer:
    """The whole answer, also if it starts again while it is read."""
    while True:
        with suppress(ConnectionClosed):
            async with visitor.socket() as socket:
                return await socket.resume(session)


async def test_a_killed_worker_s_turn_is_taken_over(site: Site, model: ScriptedOpenAI) -> None:
    """The answer starts again on the other worker, and is remembered once."""
    visitor = await visit(site)
    (session, *_) = on_every_node(visitor, 3)
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), Reply("a whole answer"))
    async with visitor.socket() as doomed:
        await doomed.send(send_frame("a", session, user_message("go")))
        begun = await doomed.until("a", "text-delta")
        name = next(name for name, pid in site.pids().items() if pid == begun.pid)
        site.kill_child(name)
    answer = await resumed(visitor, session)
    assert (answer.text, answer.message_id) == ("a whole answer", begun.message_id)
    assert [message["content"] for message in (await visitor.memory(session))["messages"]] == ["a whole answer", "go"]
    await asyncio.to_thread(site.wait_for_new, name, begun.pid)


async def test_sessions_are_listed_and_found_and_sign_outs_are_heard(site: Site, model: ScriptedOpenAI) -> None:
    """Sessions of all nodes are in one list and one search; signing out closes the sockets of both workers."""
    visitor = await visit(site)
    sessions = on_every_node(visitor, 6)
    async with visitor.socket() as first:
        answer = await first.ask(sessions[0], "an amplifier")
        for session in sessions[1:]:
            await first.ask(session, "an amplifier")
        async with httpx.AsyncClient(base_url=f"{site.url}/api/v1", headers=visitor.headers(), trust_env=False) as api:
            listed = (await api.get("/sessions")).raise_for_status().json()
            found = (await api.get("/search", params={"q": "amplifier"})).raise_for_status().json()
        assert {session["id"] for session in listed["sessions"]} == set(sessions)
        assert {each["session"] for each in found["results"]} == set(sessions)
        async with visitor.socket_apart(answer.pid) as second:
            await visitor.sign_out()
            for socket in (first, second):
                assert await socket.close_code() == 4401


async def test_the_limits_of_another_site_count_in_all_its_workers(
    nodes: list[Node], site: Site, model: ScriptedOpenAI, tmp_path: Path
) -> None:
    """A turn is counted on one node, whichever has its session. Sites with different prefixes have no key in common."""
    before = await asyncio.to_thread(keys_of, nodes)
    limits = {"CHAT_TURNS_PER_MINUTE": "2", "CHAT_TURNS_PER_MINUTE_IN_ALL": "4"}
    with site_on(nodes, tmp_path, model, REDIS_KEY_PREFIX="other:", **limits) as other:
        ends = []
        for visitor in [await visit(other) for _ in range(3)]:
            async with visitor.socket() as socket:
                ends += [(await socket.ask("s", "hi")).last for _ in range(2)]
    assert [end["type"] for end in ends] == ["end"] * 4 + ["error"] * 2
    assert ends[-1]["code"] == "too_many_turns"
    made = await asyncio.to_thread(keys_of, nodes) - before
    assert {key.split(b":")[0] for key in made} == {b"other"}


async def test_a_site_is_ready_while_turns_can_begin(model: ScriptedOpenAI, tmp_path: Path) -> None:
    """A node of sessions alone may be away; without that of the list of running turns, no worker is ready."""
    folders = [tmp_path / name for name in ("a", "b", "c", "site")]
    for folder in folders:
        folder.mkdir()
    options = ("--cluster-node-timeout", str(int(500 * PATIENCE)), "--cluster-require-full-coverage", "no")
    away, home = (slot_of_key(each) * 3 // SLOTS for each in ("{readiness}", ACTIVE))
    assert away != home
    with running_cluster(folders[:3], *options) as nodes, site_on(nodes, folders[3], model) as site:
        nodes[away].server.kill()
        async with httpx.AsyncClient(trust_env=False, timeout=10 * PATIENCE) as client:

            async def missed() -> bool:
                answer = await client.get(f"{site.record()['memory']}/sessions/readiness/memory")
                return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE

            async def unready() -> bool:
                return bool((await client.get(f"{site.url}/readyz")).json()["store"] == "unreachable")

            await until(missed)
            assert (await client.get(f"{site.url}/readyz")).json()["status"] == "ready"
            nodes[home].server.kill()
            await until(unready)


@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_doubled_while_nodes_fail_and_slots_move(
    site: Site, nodes: list[Node], model: ScriptedOpenAI
) -> None:
    """A slot moves there and back, a worker is killed, and a primary is killed and replaced by its replica."""
    model.default = reply
    visitor = await visit(site)
    talks = [Talk(visitor, session, turns=1000) for session in on_every_node(visitor, SESSIONS)]
    enough = asyncio.Event()
    talking = asyncio.gather(*(talk.say_all(enough) for talk in talks))
    try:
        await more_turns(talks)
        moved = next(talk for talk in talks if slot_of_key(key(talk)) * 3 // SLOTS == 1)
        with redis.Redis.from_url(nodes[1].server.url) as here, redis.Redis.from_url(nodes[2].server.url) as there:
            for source, target in ((here, there), (there, here)):
                await asyncio.to_thread(begin_move, slot_of_key(key(moved)), source, target)
                await asyncio.to_thread(end_move, slot_of_key(key(moved)), source, target)
                await more_turns(talks)
        pid = site.kill_child("web.1")
        await asyncio.to_thread(site.wait_for_new, "web.1", pid, 15)
        nodes[0].server.kill()
        await more_turns(talks)
        nodes[0].start()
        await more_turns(talks)
    finally:
        enough.set()
        await talking
    await check_remembered(site, talks)


async def test_a_primary_that_hangs_is_left_for_its_successor(nodes: list[Node]) -> None:
    """It may acknowledge what is lost once it goes on, so what it has not answered by then fails, to be sent again."""
    link = ClusterLink(parse_address(nodes[1].server.url))
    await link.open()
    primary = link.home(OF_THE_FIRST)
    await link.close()
    first, second = sorted((nodes[0], nodes[3]), key=lambda node: node.port != primary.port)
    hanging = first.server.process.pid
    with redis.Redis.from_url(second.server.url) as replica:
        await until(lambda: asyncio.to_thread(follows, replica), 20)
    link = ClusterLink(primary, timeout=60 * PATIENCE)
    await link.open()
    os.kill(hanging, signal.SIGSTOP)
    try:
        async with asyncio.timeout(20 * PATIENCE):
            with pytest.raises(ConnectionLost):
                await link.execute("SET", OF_THE_FIRST, "lost")
            assert await link.execute("SET", OF_THE_FIRST, "kept") == b"OK"
    finally:
        os.kill(hanging, signal.SIGCONT)
    assert await link.execute("GET", OF_THE_FIRST) == b"kept"
    await link.close()


def key(talk: Talk) -> str:
    """A key in the slot of the session."""
    return f"{{{talk.visitor.owner}.{talk.session}}}"


async def check_remembered(site: Site, talks: list[Talk]) -> None:
    """Every acknowledged turn is in the memory: once, whole and in order."""
    async with httpx.AsyncClient(base_url=site.record()["memory"], trust_env=False, timeout=10 * PATIENCE) as memory:
        await until(lambda: answers(memory), 30)
        for talk in talks:
            said = await everything_said(memory, talk.visitor, talk.session)
            assert len(set(said)) == len(said), f"{talk.session} has something twice: {said}"
            assert said[1::2] == [f"re: {text}" for text in said[::2]], f"{talk.session} is torn: {said}"
            assert [text for text in said[::2] if text in set(talk.acknowledged)] == talk.acknowledged


async def more_turns(talks: list[Talk]) -> None:
    """Return once there is another acknowledged turn in each session."""
    before = [len(talk.acknowledged) for talk in talks]

    async def gone_on() -> bool:
        return all(len(talk.acknowledged) > was for talk, was in zip(talks, before, strict=True))

    await until(gone_on, 40)
