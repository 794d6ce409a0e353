"""The site under several ASGI servers: they serve everything, and answers survive killed and stopped workers."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.ai_sdk.sockets import Answer, Visitor, send_frame, user_message, visit
from tests.support.html import parse
from tests.support.ports import until
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import (
    PATIENCE,
    REPOSITORY,
    Server,
    Site,
    clean_environment,
    free_port,
    running,
    start,
    start_memory_server,
    wait_for_http,
    wait_for_port,
)
from tests.support.staff import make_superuser, signed_in

#: Servers, with the documented options; the port follows.
SERVERS = {
    "daphne": "--verbosity 0 --port",
    "uvicorn": "--ws-max-size 8388608 --ws-per-message-deflate false --timeout-graceful-shutdown 5 --port",
}
#: A session whose id must not appear in a log.
SESSION = "whose7m2p5"

#: Starts a worker under a server, with a lease in seconds.
StartWorker: TypeAlias = Callable[..., Site]


@pytest.fixture
def memory(redis_url: str, tmp_path: Path, scripted_openai: ScriptedOpenAI) -> Iterator[Server]:
    """The memory server of all workers."""
    log = tmp_path / "memory.log"
    with running(start_memory_server(redis_url, log, OPENAI_BASE_URL=scripted_openai.url)) as server:
        yield server


@pytest.fixture
def start_worker(
    redis_url: str, memory: Server, scripted_openai: ScriptedOpenAI, tmp_path: Path
) -> Iterator[StartWorker]:
    """Starts workers of one site, without waiting for them."""
    shared = {
        "CHAT_DATA": str(tmp_path / "data"),
        "REDIS_URL": redis_url,
        "MOTORHEAD_URL": memory.url,
        "OPENAI_BASE_URL": scripted_openai.url,
    }
    prepare = [sys.executable, "-m", "supervisor.prepare"]
    subprocess.run(prepare, cwd=REPOSITORY, env=clean_environment(shared), check=True)
    with ExitStack() as workers:

        def begin(program: str, name: str, lease: int = 600) -> Site:
            port, env = free_port(), {**shared, "CHAT_WORKER": name, "CHAT_LEASE": str(lease)}
            command = [sys.executable, "-m", program, *SERVERS[program].split(), str(port), "chatsite.asgi:application"]
            server = start(command, f"http://127.0.0.1:{port}", log=tmp_path / f"{name}.log", env=env)
            return workers.enter_context(running(Site(server.process, server.url, server.log, data=tmp_path / "data")))

        yield begin


def port_of(worker: Site) -> int:
    return httpx.URL(worker.url).port or 0


async def resumed(visitor: Visitor) -> Answer:
    """The session's complete answer: requested again whenever the socket is closed, as the AI SDK does."""
    while True:
        async with visitor.socket() as socket:
            try:
                return await socket.resume(SESSION)
            except ConnectionClosed:
                continue


async def exchange(memory: Server, visitor: Visitor) -> list[str]:
    """The remembered messages of the session, oldest first."""
    async with httpx.AsyncClient(base_url=memory.url, trust_env=False) as client:
        found = (await client.get(f"/sessions/{visitor.owner}.{SESSION}/memory")).json()
    return [message["content"] for message in reversed(found["messages"])]


async def test_an_answer_survives_a_killed_worker(
    start_worker: StartWorker, memory: Server, scripted_openai: ScriptedOpenAI
) -> None:
    """Under uvicorn, a worker without any requests finds the unfinished answer of another, and completes it."""
    scripted_openai.enqueue(Reply("half an ", gate=Gate(), gate_at=1), Reply("an answer of its own"))
    doomed, other = start_worker("uvicorn", "web.1", lease=1), start_worker("uvicorn", "web.2", lease=1)
    wait_for_http(doomed, "/healthz")
    wait_for_port(other, port_of(other))
    visitor = await visit(doomed)
    async with visitor.socket() as socket:
        await socket.send(send_frame("r", SESSION, user_message("go")))
        begun = await socket.until("r", "text-delta")
        doomed.kill()

    async def remembered() -> bool:
        return await exchange(memory, visitor) == ["go", "an answer of its own"]

    await until(remembered, seconds=30)
    answer = await resumed(replace(visitor, site=other))
    assert (answer.text, answer.message_id) == ("an answer of its own", begun.message_id)


@pytest.mark.parametrize("program", SERVERS)
async def test_a_stopped_worker_hands_its_answer_over(
    program: str, start_worker: StartWorker, memory: Server, scripted_openai: ScriptedOpenAI
) -> None:
    """After SIGTERM during an answer, another worker goes on at once, long before the lease would expire."""
    scripted_openai.enqueue(Reply("half an ", gate=Gate(), gate_at=1), Reply("an answer of its own"))
    ending, other = start_worker(program, "web.1"), start_worker(program, "web.2")
    for worker in (ending, other):
        wait_for_http(worker, "/healthz")
    visitor = await visit(ending)
    async with visitor.socket() as socket, asyncio.timeout(30 * PATIENCE):
        await socket.send(send_frame("r", SESSION, user_message("go")))
        begun = await socket.until("r", "text-delta")
        assert await asyncio.to_thread(ending.stop) in {0, -signal.SIGTERM}
        answer = await resumed(replace(visitor, site=other))
    assert (answer.text, answer.message_id) == ("an answer of its own", begun.message_id)
    assert await exchange(memory, visitor) == ["go", "an answer of its own"]
    assert "Traceback" not in ending.log.read_text()


async def test_uvicorn_serves_the_whole_site(start_worker: StartWorker, scripted_openai: ScriptedOpenAI) -> None:
    """Pages with their files, the admin, headers and turns work, and the log names neither session nor owner."""
    worker = start_worker("uvicorn", "web.1")
    wait_for_http(worker, "/healthz")
    visitor = await visit(worker)
    async with visitor.socket() as socket:
        assert (await socket.ask(SESSION, "hi im bob")).last["type"] == "end"
    see_the_page(visitor)
    make_superuser(worker, "root")
    with signed_in(worker, "root") as staff:
        assert "hi im bob" in staff.get(f"/admin/chat/session/{visitor.owner}.{SESSION}/change/").text
    log = worker.log.read_text()
    assert [word for word in (SESSION, visitor.owner, "Traceback") if word in log] == []


def see_the_page(visitor: Visitor) -> None:
    """Open the session's page and every file that it links to."""
    worker = visitor.site
    with httpx.Client(base_url=worker.url, headers=visitor.headers(), trust_env=False) as client:
        page = client.get(f"/s/{SESSION}")
        assert "hi im bob" in page.text
        assert page.headers["Served-By"] == f"web.1/{worker.process.pid}"
        files = [client.get(link.attributes["href"]) for link in parse(page.text).all("link")]
    assert files
    assert all(file.is_success and "immutable" in file.headers["Cache-Control"] for file in files)
