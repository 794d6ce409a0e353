"""The process: it starts, or explains in a sentence why it cannot; it stops on a signal, and it stays light."""

from __future__ import annotations

import ast
import asyncio
import re
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path
from time import monotonic

import pytest
import redis

from motorhead.http.shutdown import STOPPED
from motorhead.server import GRACE
from redis_link.link import RedisLink
from tests.motorhead.conftest import client_of
from tests.motorhead.recall.conftest import LetterEmbedder
from tests.support.kit import contents, idle, in_process, until, wire
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import (
    PATIENCE,
    REPOSITORY,
    Server,
    clean_environment,
    free_port,
    running,
    start_memory_server,
    start_valkey,
)
from tests.support.syntax_trees import syntax_tree


def refusal(*arguments: str, **settings: str) -> str:
    """The output of a server or command that fails to start."""
    done = subprocess.run(
        [sys.executable, "-m", "motorhead", *arguments], cwd=REPOSITORY, env=clean_environment(settings), text=True,
        capture_output=True, timeout=20 * PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_port_in_use_is_reported(served: Server) -> None:
    """A server whose port is in use reports it and exits."""
    assert "in use" in refusal(PORT=served.url.rsplit(":", 1)[1])


async def test_a_port_is_shared_only_on_request(redis_url: str, tmp_path: Path) -> None:
    """Processes that are all asked to may listen on one port, and either shows the metrics of both.

    Once one is killed, the other has all connections; another program still finds the port in use.
    """
    shared = {"MOTORHEAD_SHARED_PORT": "true", "MOTORHEAD_SIBLINGS": str(tmp_path / "met"), "MOTORHEAD_FOLD": "off"}
    first = start_memory_server(redis_url, tmp_path / "1.log", None, MOTORHEAD_PROCESS="one", **shared)
    port = int(first.url.rsplit(":", 1)[1])
    second = start_memory_server(redis_url, tmp_path / "2.log", port, MOTORHEAD_PROCESS="two", **shared)
    with running(first), running(second):

        async def shown() -> set[str]:
            async with client_of(second) as client:
                return set(re.findall(r'appends_total\{process="(\w+)"\} 0', (await client.get("/metrics")).text))

        await until(lambda: equals(shown(), {"one", "two"}))
        first.kill()
        assert await shown() == {"two"}
        assert "in use" in refusal(PORT=str(port))


async def equals(found: Awaitable[object], wanted: object) -> bool:
    """Whether ``found`` becomes what is wanted."""
    return await found == wanted


def test_a_wrong_setting_is_reported() -> None:
    """The error names a setting with an unusable value."""
    assert "MOTORHEAD_MAX_WINDOW_SIZE" in refusal(PORT="0", MOTORHEAD_MAX_WINDOW_SIZE="many")


@pytest.mark.parametrize(
    "settings",
    [
        {"REDIS_URL": "redis://[bad"},
        {"OPENAI_BASE_URL": "http://[x"},
        {"HOST": "h" * 300},
        {"HOST": "no.such.host.invalid"},
    ],
)
def test_an_invalid_address_is_reported(settings: dict[str, str]) -> None:
    """The error names the variable of an invalid address, or quotes the address."""
    name, value = next(iter(settings.items()))
    told = refusal(PORT="0", **settings)
    assert name in told or value in told


def test_the_name_of_a_platform_as_host_is_reported_with_the_setting_to_use() -> None:
    """HOST may belong to another program, such as conda; the error names the setting that wins over it."""
    assert "Set MOTORHEAD_HOST" in refusal(PORT="0", HOST="x86_64-conda-linux-gnu.invalid")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_that_others_reach_needs_a_token(host: str) -> None:
    """Otherwise it does not start, unless it has been given names: that says that everybody there may read it."""
    closed = "redis://127.0.0.1:1"
    assert f"MOTORHEAD_HOST is {host}, where others reach" in refusal(PORT="0", MOTORHEAD_HOST=host, REDIS_URL=closed)
    for let in ({"MOTORHEAD_TOKEN": "secret"}, {"MOTORHEAD_ALLOWED_HOSTS": "memory"}):
        assert "Redis at 127.0.0.1:1" in refusal(PORT="0", MOTORHEAD_HOST=host, REDIS_URL=closed, **let)


def test_an_import_address_without_a_scheme_is_reported() -> None:
    """The error shows how to write an address to import from."""
    assert "write redis://localhost:6379" in refusal("import", "localhost:6379")


def test_an_unreachable_store_is_reported() -> None:
    """Without Redis the error names the address that was tried."""
    port = free_port()
    assert f"127.0.0.1:{port}" in refusal(PORT="0", REDIS_URL=f"redis://127.0.0.1:{port}")


def test_a_store_that_would_lose_sessions_is_reported(tmp_path: Path) -> None:
    """One that deletes them ends the start; one that may forget them is warned of."""
    options = ("--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with running(start_valkey(tmp_path, None, *options)) as valkey:
        assert "deletes sessions when its memory is full" in refusal(PORT="0", REDIS_URL=valkey.url)
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("maxmemory-policy", "noeviction")
        with running(start_memory_server(valkey.url, tmp_path / "memory.log")) as server:
            assert server.log.read_text().count("keeps nothing on its disk: when it ends, all sessions are lost") == 1


async def test_sigterm_ends_it_cleanly_even_while_folding(
    redis_url: str, tmp_path: Path, summary_model: ScriptedOpenAI
) -> None:
    """SIGTERM cancels a fold under way, and the next server folds its messages, once."""
    gate = Gate()
    summary_model.enqueue(Reply("Never.", gate=gate))
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_SWEEP_SECONDS": "0.1"}
    server = start_memory_server(redis_url, tmp_path / "log", None, **settings)
    async with client_of(server) as client:
        await client.post("/sessions/a/memory", json=wire(*(f"m{n}" for n in range(13))))
        await gate.reached()
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()
    with running(start_memory_server(redis_url, tmp_path / "log2", None, **settings)) as successor:
        async with client_of(successor) as client:
            answer = await idle(client, "a")
    gate.release()
    assert contents(answer) == [f"m{n}" for n in range(6, 13)]
    assert answer["context"] == "Bob told what he likes."


async def test_sigterm_answers_waiting_clients(redis_url: str, tmp_path: Path, summary_model: ScriptedOpenAI) -> None:
    """A fold on demand is answered 503 at once, an incomplete body after the grace period; no traceback is logged."""
    gate = Gate()
    summary_model.enqueue(Reply("Never.", gate=gate))
    server = start_memory_server(redis_url, tmp_path / "log", None, OPENAI_BASE_URL=summary_model.url)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    writer.write(b"POST /sessions/b/memory HTTP/1.1\r\nHost: localhost\r\n")
    writer.write(b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
    async with client_of(server) as client:
        await client.post("/sessions/a/memory", json=wire(*(f"m{n}" for n in range(8))))
        folding = asyncio.create_task(client.post("/sessions/a/fold"))
        await gate.reached()
        began = monotonic()
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        answer = await folding
        assert monotonic() - began < GRACE * PATIENCE
    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (503, "1", {"error": STOPPED})
    late = (await reader.read()).decode()
    assert late.startswith("HTTP/1.1 503 ")
    assert "retry-after: 1" in late
    assert late.endswith(f'{{"error":"{STOPPED}"}}')
    writer.close()
    assert await stopping == 0
    gate.release()
    assert "Traceback" not in server.log.read_text()


async def test_no_text_of_a_session_is_logged(redis_url: str, tmp_path: Path, summary_model: ScriptedOpenAI) -> None:
    """Whatever is said and whatever fails, the log contains neither text nor ids of sessions."""
    summary_model.enqueue(Reply(status=500), Reply(status=500), "NONE", "NONE")
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_RETRY_SECONDS": "0.01"}
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            await client.post("/sessions/canary-id/memory", json=wire(*(f"canary {n}" for n in range(13))))
            await client.post("/sessions/canary-id/memory", content=b'{"canary')
            await idle(client, "canary-id")
    assert "refused" in server.log.read_text()
    assert "canary" not in server.log.read_text()


def test_neither_django_nor_langchain_nor_numpy_nor_openai_is_imported_at_start() -> None:
    """The server is light: modules that are not needed before its first fold are not loaded."""
    heavy = ("django", "langchain_core", "numpy", "openai")
    code = f"import sys, motorhead.server; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("size", ["1", "2", "5"])
async def test_small_windows_work(redis_url: str, tmp_path: Path, summary_model: ScriptedOpenAI, size: str) -> None:
    """Even with the smallest windows, window and summary together hold everything."""
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_MAX_WINDOW_SIZE": size}
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            await client.post("/sessions/a/memory", json=wire(*(f"m{n}" for n in range(9))))
            answer = await idle(client, "a")
    assert len(contents(answer)) + answer["window"]["folded"] == 9


def test_no_part_makes_another() -> None:
    """The server and the commands create the parts that they put together; no other module creates them."""
    package = REPOSITORY / "motorhead"
    roots = [package / "server.py", package / "tools" / "commands.py"]
    parts = _made_in(roots[0]) | _made_in(roots[1])
    assert {"motorhead.recall.indexer.Indexer", "motorhead.sessions.append.Append"} <= parts
    for path in package.rglob("*.py"):
        if path not in roots:
            assert not parts & _made_in(path), f"{path.relative_to(REPOSITORY)} creates a part that it should be given."


def _made_in(path: Path) -> set[str]:
    """The classes of other modules, except exceptions, that a module instantiates."""
    nodes = list(ast.walk(syntax_tree(path)))
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return {
        f"{node.module}.{each.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("motorhead.")
        for each in node.names
        if each.name in called and each.name[0].isupper() and node.module != "motorhead.exceptions"
    }


async def test_an_embedder_makes_a_long_term_memory(link: RedisLink) -> None:
    """A server built with an embedder answers retrieval; one without refuses it."""
    statuses = []
    for embedder in (LetterEmbedder(), None):
        async with in_process(link, embedder=embedder) as client:
            await client.post("/sessions/a/memory", json=wire("cat"))
            statuses.append((await client.post("/sessions/a/retrieval", json={"text": "cat"})).status_code)
    assert statuses == [200, 400]
