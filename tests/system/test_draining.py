"""Workers that are restarted one after the other while turns run."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from chat.demonstration.supervisor import Process, Supervisor
from chat.sockets.present import RESTARTING
from tests.ai_sdk.sockets import visit
from tests.support.ports import until
from tests.support.scripted_openai import Reply, Request, ScriptedOpenAI
from tests.support.servers import (
    PATIENCE,
    Site,
    free_port,
    running,
    start,
    start_memory_server,
    start_site,
    wait_for_http,
)
from tests.system.test_chaos import Talk

TALKS, TURNS = 8, 4


def slow(request: Request) -> Reply:
    """A reply that takes about a second."""
    return Reply(["re: ", *request.text], pace=0.05) if request.stream else Reply(["They talk."])


async def restart(site: Site, name: str) -> None:
    """Ask one worker to end, and wait for the one in its place."""
    pid = site.pids()[name]
    await Supervisor(site.data).restart(Process(name, pid))
    await asyncio.to_thread(site.wait_for_new, name, pid, 40)


@pytest.mark.timeout(300)
async def test_restarting_each_worker_fails_no_turn(tmp_path: Path, scripted_openai: ScriptedOpenAI) -> None:
    """Turns under way end where they are, others begin elsewhere, and the model sees each prompt once."""
    scripted_openai.default = slow
    with running(
        start_site(
            tmp_path,
            OPENAI_BASE_URL=scripted_openai.url,
            OPENAI_API_KEY="k",
            CHAT_TURNS_PER_MINUTE="0",
            CHAT_DRAIN_SECONDS="20",
            MOTORHEAD_FOLD="false",
        )
    ) as site:
        assert isinstance(site, Site)
        visitors = [await visit(site) for _ in range(TALKS)]
        talks = [Talk(visitor, f"s{number}") for number, visitor in enumerate(visitors)]
        enough = asyncio.Event()
        talking = [asyncio.create_task(talk.say_all(enough)) for talk in talks]
        await until(holds(lambda: turns_of(scripted_openai) >= TALKS))  # all are under way
        for name in ("web.1", "web.2"):
            await restart(site, name)
        await until(holds(lambda: all(len(talk.acknowledged) >= TURNS for talk in talks)), 60)
        enough.set()
        await asyncio.gather(*talking)
    for talk in talks:
        assert len(talk.acknowledged) == talk.attempts, f"{talk.session} failed a turn"
    asked = Counter(request.text for request in scripted_openai.requests if request.stream)
    assert set(asked.values()) == {1}, asked
    assert len(asked) == sum(talk.attempts for talk in talks)


def turns_of(model: ScriptedOpenAI) -> int:
    """How many replies were asked for."""
    return sum(request.stream for request in model.requests)


def holds(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    """The condition, to be looked at in a thread."""
    return lambda: asyncio.to_thread(condition)


async def test_a_stopped_site_refuses_connections_while_it_drains(
    tmp_path: Path, scripted_openai: ScriptedOpenAI
) -> None:
    """So a proxy tries the next site at once. The turn that is under way ends, and only then the site."""
    scripted_openai.default = slow
    with running(
        start_site(tmp_path, OPENAI_BASE_URL=scripted_openai.url, OPENAI_API_KEY="k", CHAT_DRAIN_SECONDS="20")
    ) as site:
        assert isinstance(site, Site)
        visitor = await visit(site)
        async with visitor.socket() as line:
            asking = asyncio.create_task(line.ask("s", "a question that is answered slowly"))
            await until(holds(lambda: turns_of(scripted_openai) > 0))
            site.process.terminate()
            port = int(site.url.rpartition(":")[2])
            await until(holds(lambda: not connects(port)), 20)
            assert not asking.done()
            answer = await asking
        assert answer.text == "re: a question that is answered slowly"
        assert await asyncio.to_thread(site.process.wait, 30 * PATIENCE) == 0


async def test_a_single_worker_goes_on_answering_while_it_drains(
    tmp_path: Path, redis_url: str, scripted_openai: ScriptedOpenAI
) -> None:
    """A load balancer sees at `/readyz` that it drains, sockets are sent elsewhere, and the turn under way ends."""
    scripted_openai.default = slow
    port, data = free_port(), tmp_path / "data"
    with running(start_memory_server(redis_url, tmp_path / "memory")) as memory:
        settings = {
            "CHAT_PORT": str(port),
            "CHAT_DATA": str(data),
            "CHAT_DRAIN_SECONDS": "20",
            "REDIS_URL": redis_url,
            "MOTORHEAD_URL": memory.url,
            "OPENAI_BASE_URL": scripted_openai.url,
            "OPENAI_API_KEY": "k",
        }
        command = [sys.executable, "manage.py", "web"]
        worker = start(command, f"http://127.0.0.1:{port}", log=tmp_path / "web", env=settings)
        with running(Site(worker.process, worker.url, worker.log, data)) as site:
            await asyncio.to_thread(wait_for_http, site, "/healthz", 60)
            visitor, other = await visit(site), await visit(site)
            async with visitor.socket() as line, other.socket() as idle:
                asking = asyncio.create_task(line.ask("s", "a question that is answered slowly"))
                await until(holds(lambda: turns_of(scripted_openai) > 0))
                site.process.terminate()
                assert await idle.close_code() == RESTARTING
                answer = await asyncio.to_thread(httpx.get, f"{site.url}/readyz", trust_env=False)
                assert (answer.status_code, answer.json()["status"]) == (503, "draining")
                async with other.socket() as late:
                    assert await late.close_code() == RESTARTING
                assert (await asking).text == "re: a question that is answered slowly"
            assert await asyncio.to_thread(site.process.wait, 30 * PATIENCE) == 0


def connects(port: int) -> bool:
    """Whether anything listens."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
