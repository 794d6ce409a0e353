"""Invariants when processes die under load: nothing acknowledged is lost or folded twice; deletions are final."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from redis_link.link import RedisLink
from tests.motorhead.conftest import client_of
from tests.support.kit import contents, idle, until, wire
from tests.support.scripted_openai import Reply, Request, ScriptedOpenAI
from tests.support.servers import PATIENCE, running, start_memory_server, start_valkey

pytestmark = pytest.mark.chaos


class Scribe:
    """A summary model that writes down every line it is given, in order, and can be made to fail."""

    def __init__(self) -> None:
        self.down = False
        self.delay = 0.0

    def __call__(self, request: Request) -> Reply:
        if self.down:
            return Reply(status=503)
        _, _, asked = request.text.partition("Current summary:\n")
        current, _, rest = asked.partition("\n\nNew lines of conversation:\n")
        lines = rest.removesuffix("\n\nNew summary:").split("\n")
        told = [] if current == "(none yet)" else [current]
        return Reply(" ".join([*told, *(line.partition(": ")[2] for line in lines)]), delay=self.delay)


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Valkey for these tests only, because the server of the other tests would fold these sessions, too."""
    folder = tmp_path / "own-valkey"
    folder.mkdir()
    with running(start_valkey(folder)) as server:
        yield server.url


@pytest.fixture
def scribe() -> Scribe:
    return Scribe()


@pytest.fixture
def settings(scribe: Scribe) -> Iterator[dict[str, str]]:
    """The settings of a server whose summaries are written by the scribe."""
    with ScriptedOpenAI(default=scribe) as model:
        yield {
            "OPENAI_BASE_URL": model.url,
            "MOTORHEAD_RETRY_SECONDS": "0.05",
            "MOTORHEAD_SUMMARY_WORDS": "1000",
            "MOTORHEAD_SWEEP_SECONDS": "0.2",
        }


async def everything(client: httpx.AsyncClient, session: str) -> list[str]:
    """All messages in the history of a session, oldest first."""
    found: list[str] = []
    before = ""
    while True:
        page = (await client.get(f"/sessions/{session}/messages?limit=200{before}")).json()
        found += [message["content"] for message in page["messages"]]
        if page["before"] is None:
            return found[::-1]
        before = f"&before={page['before']}"


async def summarised_and_shown(client: httpx.AsyncClient, session: str) -> list[str]:
    """The messages in the summary and then those in the window, oldest first, once no fold is due."""
    answer = await idle(client, session, seconds=40)  # the lease of a killed server expires after 9 s
    return [*(answer["context"] or "").split(), *contents(answer)]


async def check_versions(client: httpx.AsyncClient, session: str, folded: int) -> None:
    """Check that each fold continues the previous one, and that together they cover all folded messages."""
    versions = (await client.get(f"/sessions/{session}/summaries?limit=200")).json()["summaries"]
    through = 0
    for version in reversed(versions):
        assert int(version["folded"]["from"]) == through + 1
        through = int(version["folded"]["to"])
    assert through == folded


async def test_a_model_that_was_down_for_two_hundred_turns_is_caught_up_with(
    redis_url: str, tmp_path: Path, scribe: Scribe, settings: dict[str, str]
) -> None:
    """The window grows while the model is down; once it is back, every message is folded once, in order."""
    scribe.down = True
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            for turn in range(200):
                await client.post("/sessions/a/memory", json=wire(f"q{turn}", f"a{turn}"))
            said = [f"{who}{turn}" for turn in range(200) for who in "qa"]
            answer = (await client.get("/sessions/a/memory")).json()
            assert contents(answer) == said
            assert answer["window"]["fold"] == "pending"
            scribe.down = False
            assert await summarised_and_shown(client, "a") == said
            answer = await idle(client, "a")
            assert 6 <= len(answer["messages"]) <= 12
            await check_versions(client, "a", 400 - len(answer["messages"]))


@pytest.mark.timeout(180)
async def test_redis_killed_under_thirty_two_writers_keeps_what_was_acknowledged(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    """After Redis is killed, every append that was answered 200 is stored once, even if it was repeated."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    valkey = start_valkey(folder)
    port = int(valkey.url.rsplit(":", 1)[1])
    acknowledged: dict[str, list[str]] = {f"w{n}": [] for n in range(32)}
    stop = threading.Event()

    async def write(client: httpx.AsyncClient, session: str) -> None:
        turn = 0
        while not stop.is_set():
            key, body = {"Idempotency-Key": f"{session}-{turn}"}, wire(f"q{turn}", f"a{turn}")
            path = f"/sessions/{session}/memory"

            async def accepted(path: str = path, body: Any = body, key: dict[str, str] = key) -> bool:
                return (await client.post(path, json=body, headers=key)).status_code == 200

            await until(accepted, seconds=30)
            acknowledged[session] += [f"q{turn}", f"a{turn}"]
            turn += 1

    with running(start_memory_server(valkey.url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            writers = [asyncio.create_task(write(client, session)) for session in acknowledged]
            for _ in range(2):
                await until(progress(acknowledged))
                valkey.kill()
                valkey = await asyncio.to_thread(start_valkey, folder, port)
            await until(progress(acknowledged))
            stop.set()
            await asyncio.wait_for(asyncio.gather(*writers), 30 * PATIENCE)
            for session, said in acknowledged.items():
                assert await everything(client, session) == said
                assert await summarised_and_shown(client, session) == said
    valkey.stop()


def progress(acknowledged: dict[str, list[str]]) -> Any:
    """A condition: more has been acknowledged since now."""
    goal = sum(map(len, acknowledged.values())) + 200

    async def made() -> bool:
        return sum(map(len, acknowledged.values())) >= goal

    return made


async def test_two_replicas_killed_and_restarted_apply_each_fold_once(
    redis_url: str, tmp_path: Path, scribe: Scribe, settings: dict[str, str]
) -> None:
    """Two servers fold the same sessions under load while one is killed and restarted; each fold is applied once."""
    scribe.delay = 0.02
    one = start_memory_server(redis_url, tmp_path / "one", None, **settings)
    said = [f"{who}{turn}" for turn in range(25) for who in "qa"]
    with running(start_memory_server(redis_url, tmp_path / "two", None, **settings)) as two:
        async with client_of(two) as second:
            for turn in range(25):
                if turn == 12:
                    one.kill()
                    port = int(one.url.rsplit(":", 1)[1])
                    one = await asyncio.to_thread(start_memory_server, redis_url, tmp_path / "one", port, **settings)
                async with client_of(one) as first:
                    await asyncio.gather(
                        *(
                            (first, second)[(turn + n) % 2].post(
                                f"/sessions/s{n}/memory", json=wire(f"q{turn}", f"a{turn}")
                            )
                            for n in range(8)
                        )
                    )
            for n in range(8):
                assert await summarised_and_shown(second, f"s{n}") == said
                answer = await idle(second, f"s{n}")
                await check_versions(second, f"s{n}", len(said) - len(answer["messages"]))
    one.stop()


async def listed_and_there(link: RedisLink) -> tuple[set[bytes], set[bytes]]:
    """The raw listings in Redis and the existing sessions, as ids and as ``name/session``."""
    listed: set[bytes] = set()
    for name in await link.execute("SMEMBERS", "mh:namespaces"):
        ids = await link.execute("ZRANGE", b"mh:sessions:" + name, 0, -1)
        listed |= {name + b"/" + one for one in ids} or {name + b"/"}
    there = {key[4:-7] for key in await link.execute("KEYS", "mh:{*:state")}
    return listed, {b"n-%b/%b" % (session, session) for session in there}


async def test_a_deletion_among_appends_leaves_no_key(
    redis_url: str, tmp_path: Path, settings: dict[str, str], link: RedisLink
) -> None:
    """Appends with an epoch through one replica, racing a deletion through another, leave no key."""
    order = random.Random(os.getpid())
    with (
        running(start_memory_server(redis_url, tmp_path / "one", None, **settings)) as one,
        running(start_memory_server(redis_url, tmp_path / "two", None, **settings)) as two,
    ):
        async with client_of(one) as first, client_of(two) as second:
            for number in range(40):
                path = f"/sessions/s{number}/memory?namespace=n-s{number}"
                begun = await first.post(path, json=wire("x"))
                late = {"Session-Epoch": begun.headers["session-epoch"]}
                calls = [first.post(path, json=wire("y"), headers=late) for _ in range(4)]
                calls.append(second.delete(f"/sessions/s{number}/memory"))
                order.shuffle(calls)
                assert {answer.status_code for answer in await asyncio.gather(*calls)} <= {200, 412}
            assert await link.execute("KEYS", "mh:{*") == []
            assert await listed_and_there(link) == (set(), set())


async def test_a_deletion_among_first_appends_leaves_no_ghost(
    redis_url: str, tmp_path: Path, settings: dict[str, str], link: RedisLink
) -> None:
    """Wherever a replica is held up while starting sessions, those that another one deletes are listed nowhere."""
    order = random.Random(os.getpid())
    with (
        running(start_memory_server(redis_url, tmp_path / "one", None, **settings)) as one,
        running(start_memory_server(redis_url, tmp_path / "two", None, **settings)) as two,
    ):
        async with client_of(one) as first, client_of(two) as second:
            for turn in range(12):
                names = [f"g{turn}-{number}" for number in range(20)]
                calls = [
                    asyncio.create_task(first.post(f"/sessions/{name}/memory?namespace=n-{name}", json=wire("x")))
                    for name in names
                ]
                await asyncio.sleep(order.uniform(0.005, 0.04))
                os.kill(one.process.pid, signal.SIGSTOP)
                try:
                    begun = [name for name in names if await link.execute("EXISTS", f"mh:{{{name}}}:state")]
                    for name in begun:
                        assert (await second.delete(f"/sessions/{name}/memory")).status_code == 200
                finally:
                    os.kill(one.process.pid, signal.SIGCONT)
                assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
            listed, there = await listed_and_there(link)
            assert listed == there
