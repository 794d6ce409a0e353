"""The web tier keeps nothing that is said: not in its memory, database, cookies or log."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.ai_sdk.sockets import Visitor, raw_socket, send_frame, user_message, visit
from tests.chat.sessions.chatgpt_export import conversation, file_of, said
from tests.support.cookies import csrf_token
from tests.support.html import parse
from tests.support.scripted_openai import Gate, Reply, Request, ScriptedOpenAI
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
)
from tests.support.staff import Staff, make_superuser, signed_in

CANARY = "canary7f3qz"
#: A session whose id must not appear in a log: with it (and a token), anyone could send messages to it.
SESSION = "whose4k9w2"


@pytest.fixture
def model(scripted_openai: ScriptedOpenAI) -> ScriptedOpenAI:
    """A model whose every reply and summary contains the canary."""

    def sing(request: Request) -> Reply:
        return Reply(f"a reply with {CANARY} in it" if request.stream else f"a summary with {CANARY} in it")

    scripted_openai.default = sing
    return scripted_openai


@pytest.fixture
def memory_server(redis_url: str, tmp_path: Path, model: ScriptedOpenAI) -> Iterator[Server]:
    """A memory server that folds early."""
    log = tmp_path / "memory.log"
    server = start_memory_server(
        redis_url, log, OPENAI_BASE_URL=model.url, OPENAI_API_KEY="k", MOTORHEAD_MAX_WINDOW_SIZE="4"
    )
    with running(server):
        yield server


@pytest.fixture
def worker(redis_url: str, memory_server: Server, model: ScriptedOpenAI, tmp_path: Path) -> Iterator[Site]:
    """One web worker whose memory can be searched."""
    port = free_port()
    env = {
        "CHAT_DATA": str(tmp_path / "data"),
        "REDIS_URL": redis_url,
        "MOTORHEAD_URL": memory_server.url,
        "OPENAI_BASE_URL": model.url,
        "CHAT_TURNS_PER_MINUTE": "0",
        "CHAT_LEASE": "60",  # the search blocks the worker for seconds; nobody may take over its turn
    }
    (tmp_path / "data").mkdir()
    prepare = [sys.executable, "-m", "supervisor.prepare"]
    subprocess.run(prepare, cwd=REPOSITORY, env=clean_environment(env), check=True)
    command = [sys.executable, "-m", "tests.system.inspected_worker", str(tmp_path / "report"), CANARY[::-1]]
    command += ["-p", str(port), "--verbosity", "0", "chatsite.asgi:application"]
    server = start(command, f"http://127.0.0.1:{port}", log=tmp_path / "web.log", env=env)
    wait_for_http(server, "/healthz")
    with running(server):
        yield Site(server.process, server.url, server.log, tmp_path / "data")


async def found_in_memory(worker: Site, tmp_path: Path) -> str:
    """The report of the worker's own search for the canary."""
    target = tmp_path / "report"
    target.unlink(missing_ok=True)
    os.kill(worker.process.pid, signal.SIGUSR1)
    deadline = time.monotonic() + 30 * PATIENCE
    while not target.exists():
        assert time.monotonic() < deadline, worker.log.read_text()[-3000:]
        await asyncio.sleep(0.05)
    return target.read_text()


async def nothing_found(worker: Site, tmp_path: Path) -> bool:
    """Whether the worker, after a moment for the end of a turn, keeps nothing of it."""
    deadline, looks = time.monotonic() + 5 * PATIENCE, 0
    while looks < 6 or time.monotonic() < deadline:  # a search blocks the worker, and may take seconds
        if not (found := await found_in_memory(worker, tmp_path)):
            return True
        looks += 1
        await asyncio.sleep(0.1)
    raise AssertionError(f"The worker still holds:\n{found}")


async def see_the_page(visitor: Visitor, session: str) -> tuple[str, list[str]]:
    """The session's page, and the cookies that came with it."""
    headers = visitor.headers()
    async with httpx.AsyncClient(base_url=visitor.site.url, headers=headers, trust_env=False) as client:
        answer = await client.get(f"/s/{session}")
    return answer.text, answer.headers.get_list("set-cookie")


async def test_nothing_said_stays_in_an_idle_worker(worker: Site, tmp_path: Path, model: ScriptedOpenAI) -> None:
    """After turns and a fold, with both kinds of socket open and idle, no word is left on the heap."""
    visitor = await visit(worker)
    page_socket = f"{worker.url.replace('http', 'ws', 1)}/ws/session/s"
    async with (
        connect(page_socket, additional_headers=visitor.headers(), proxy=None) as page,
        raw_socket(worker, headers=visitor.headers()) as socket,
    ):
        for turn in range(4):
            assert CANARY in (await socket.ask("s", f"message {turn} with {CANARY} in it")).text
        async with asyncio.timeout(20 * PATIENCE):
            while "a summary with" not in str(await page.recv()):  # until the page shows the fold
                pass
        assert await nothing_found(worker, tmp_path)


async def test_nothing_that_an_openai_client_says_stays_in_an_idle_worker(worker: Site, tmp_path: Path) -> None:
    """Whether the answer streams or comes whole, is sent again or refused, with connections open and idle."""
    visitor = await visit(worker)
    headers = {"Authorization": f"Bearer {visitor.token()}", "X-Session-Id": SESSION, "Idempotency-Key": "k"}
    body = {"messages": [{"role": "user", "content": f"a message with {CANARY} in it"}]}
    async with httpx.AsyncClient(base_url=f"{worker.url}/v1", headers=headers, trust_env=False, timeout=60) as client:
        for more in ({}, {"stream": True}, {"stop": CANARY}):
            answer = await client.post("/chat/completions", json=body | more)
            assert answer.status_code == (400 if "stop" in more else 200)
        assert await nothing_found(worker, tmp_path)
    log = worker.log.read_text()
    assert (CANARY in log, SESSION in log) == (False, False)


async def test_nothing_imported_or_shared_stays_in_an_idle_worker(worker: Site, tmp_path: Path) -> None:
    """Nor does a file that is not understood."""
    trip = file_of(*(conversation(*[said("user", f"{n} with {CANARY} in it")] * 3, title=CANARY) for n in range(5)))
    async with httpx.AsyncClient(base_url=worker.url, trust_env=False, follow_redirects=True, timeout=60) as client:
        await client.get("/")
        headers = {"X-CSRFToken": csrf_token(client)}
        for content, report in ((trip, "Imported: 5 sessions"), (b"[" + trip, "not valid JSON")):
            answer = await client.post("/sessions/import", files={"file": ("c.json", content)}, headers=headers)
            assert report in answer.text
        (first, *_) = (await client.get("/api/v1/sessions")).json()["sessions"]
        made = await client.post(f"/s/{first['id']}/share", headers=headers)
        (link,) = parse(made.text).all("code", id="share-address")
        assert CANARY in (await client.get(link.text)).text
        assert await nothing_found(worker, tmp_path)


async def test_the_search_would_find_a_turn_that_is_under_way(
    worker: Site, tmp_path: Path, model: ScriptedOpenAI
) -> None:
    """The check can fail: while a reply is being written, it is in the worker's memory."""
    gate = Gate()
    model.enqueue(Reply([f"{CANARY} is", "waiting"], gate=gate, gate_at=1))
    visitor = await visit(worker)
    async with raw_socket(worker, headers=visitor.headers()) as socket:
        await socket.send(send_frame("r", "s", user_message("hi")))
        begun = await socket.until("r", "text-delta")
        assert CANARY in await found_in_memory(worker, tmp_path)
        gate.release()
        await socket.answer("r", begun)
        assert await nothing_found(worker, tmp_path)


async def test_nothing_said_is_in_database_cookies_or_logs(worker: Site, tmp_path: Path) -> None:
    """Neither a good turn nor a bad frame leaves a word in the web tier's files, or the session's id in the log."""
    visitor = await visit(worker)
    async with raw_socket(worker, headers=visitor.headers()) as socket:
        await socket.ask(SESSION, f"a message with {CANARY} in it")
        await socket.complaint(json.dumps({"type": "send", "requestId": CANARY, "id": "///"}), CANARY)
    shown, cookies = await see_the_page(visitor, SESSION)
    assert CANARY in shown
    assert not any(CANARY in cookie for cookie in cookies)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert {"db.sqlite3", "secret_key"} <= {path.name for path in files}
    for path in [*files, worker.log]:
        assert CANARY.encode() not in path.read_bytes(), path
    assert SESSION not in worker.log.read_text()


async def test_no_failure_writes_a_sessions_id_to_the_log(
    worker: Site, memory_server: Server, model: ScriptedOpenAI
) -> None:
    """For pages and deletions that are refused, or fail in an outage, the log has only their routes."""
    visitor = await visit(worker)
    async with visitor.socket() as socket:
        await socket.ask(SESSION, f"a message with {CANARY} in it")
        with browser(visitor) as client:
            for refused in (client.post(f"/s/{SESSION}/delete"), client.get(f"/s/{SESSION}/delete")):
                assert refused.is_client_error
            assert client.get(f"/s/{SESSION}/nope?ticket={CANARY}").status_code == HTTPStatus.NOT_FOUND
            assert memory_server.stop() == 0
            see_the_outage(client)
        await socket.send(send_frame("r", SESSION, user_message(CANARY)))
        await socket.answer("r")
    make_superuser(worker, "root")
    with signed_in(worker, "root") as staff:
        see_the_outage_as_staff(staff, f"{visitor.owner}.{SESSION}")
    assert SESSION not in memory_server.log.read_text()
    log = worker.log.read_text()
    told = (
        "/s/<str:session_id>/delete",
        "/s/<str:session_id>\n",
        "/admin/chat/session/<str:object_id>/",
        "Forbidden (",
    )
    assert [words for words in told if words not in log] == []
    assert [word for word in (SESSION, CANARY) if word in log] == []


def browser(visitor: Visitor) -> httpx.Client:
    """The visitor's browser, with its form token once a page has been opened."""
    client = httpx.Client(base_url=visitor.site.url, headers=visitor.headers(), trust_env=False, timeout=30 * PATIENCE)
    client.cookies.set(visitor.site.cookies.owner, visitor.cookie)
    del client.headers["Cookie"]
    return client


def see_the_outage(client: httpx.Client) -> None:
    """Open the session's page during an outage of its memory, and try to delete it."""
    page = client.get(f"/s/{SESSION}")
    assert page.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    client.get(f"/s/{SESSION}/earlier?before=1")
    gone = client.post(f"/s/{SESSION}/delete", headers={"X-CSRFToken": csrf_token(client)})
    assert gone.status_code == HTTPStatus.SERVICE_UNAVAILABLE


def see_the_outage_as_staff(staff: Staff, memory_id: str) -> None:
    """Do the same through the admin and the page for staff."""
    for action in ("change", "delete"):
        staff.get(f"/admin/chat/session/{memory_id}/{action}/")
    staff.submit(f"/admin/chat/session/{memory_id}/delete/", post="yes")
    staff.get("/any", params={"id": memory_id})
