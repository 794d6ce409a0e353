"""A whole site whose Redis is watched by sentinels: its primary ends, and a replica takes its place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.ai_sdk.sockets import resume_frame, send_frame, user_message, visit
from tests.support.ports import until
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.sentinels import Watched, watched_servers
from tests.support.servers import PATIENCE, Server, Site, running, start_site
from tests.system.test_chaos import Talk, reply
from tests.system.test_cluster import check_remembered, more_turns, resumed

SESSIONS = 6


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A primary with two replicas, without which it takes no writes, and three sentinels."""
    with watched_servers(tmp_path_factory.mktemp("watched"), "--min-replicas-to-write", "1", replicas=2) as watched:
        yield watched


@pytest.fixture(scope="module")
def site(watched: Watched, model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two workers."""
    settings = {"REDIS_URL": watched.url, "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "k"}
    limits = {"CHAT_TURNS_PER_MINUTE": "0", "CHAT_LEASE": str(5 * PATIENCE)}  # longer than a failover takes
    with running(start_site(tmp_path_factory.mktemp("site"), "--workers", "2", **settings, **limits)) as site:
        yield site


async def replaced(watched: Watched, primary: Server) -> None:
    """Return once another server has taken the place of the ``primary``, which has ended, and it follows that."""

    async def is_replaced() -> bool:
        return await asyncio.to_thread(lambda: watched.primary) != primary

    await until(is_replaced, 30)
    await asyncio.to_thread(watched.start_again, primary)


async def test_an_answer_outlives_the_primary(site: Site, watched: Watched, model: ScriptedOpenAI) -> None:
    """A turn is under way while its primary ends: it is answered to the end, followed elsewhere, remembered once."""
    visitor = await visit(site)
    gate = Gate()
    model.enqueue(Reply("one two three", gate=gate, gate_at=1))
    async with visitor.socket() as first:
        await first.send(send_frame("a", "s", user_message("count")))
        begun = await first.until("a", "text-delta")
        async with visitor.socket_apart(begun.pid) as second:
            await second.send(resume_frame("b", "s"))
            await second.until("b", "text-delta")
            primary = watched.primary
            await asyncio.to_thread(primary.kill)
            await replaced(watched, primary)
            gate.release()
            answers = await first.answer("a", begun), await resumed(visitor, "s")
    assert [(answer.text, answer.message_id) for answer in answers] == [("one two three", begun.message_id)] * 2
    said = [message["content"] for message in (await visitor.memory("s"))["messages"]]
    assert said == ["one two three", "count"]


@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_doubled_while_primaries_end(
    site: Site, watched: Watched, model: ScriptedOpenAI
) -> None:
    """Two primaries are killed, one after the other, and a worker between them."""
    model.default = reply
    visitor = await visit(site)
    talks = [Talk(visitor, f"t{number}", turns=1000) for number in range(SESSIONS)]
    enough = asyncio.Event()
    talking = asyncio.gather(*(talk.say_all(enough) for talk in talks))
    try:
        for _ in range(2):
            await more_turns(talks)
            primary = watched.primary
            await asyncio.to_thread(primary.kill)
            await replaced(watched, primary)
            await more_turns(talks)
            pid = site.kill_child("web.1")
            await asyncio.to_thread(site.wait_for_new, "web.1", pid, 15)
        await more_turns(talks)
    finally:
        enough.set()
        await talking
    await check_remembered(site, talks)
