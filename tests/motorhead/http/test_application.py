"""What applies to every call: errors are sentences, the token is checked, Redis may be away."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from motorhead.exceptions import Forbidden
from motorhead.http.application import Application
from motorhead.http.requests import Request, Response, json_response
from motorhead.http.routes import Handler
from motorhead.http.shutdown import Stopping
from telemetry.metrics import Counter
from tests.motorhead.conftest import client_of
from tests.support.kit import contents, until, wire
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import Server, running, start_memory_server

WHO = "/sessions/who/memory"


@pytest.mark.parametrize(
    "path",
    ["/sessions?page=0", "/sessions?size=1001", "/sessions?size=%ff", "/sessions?details=yes", "/sessions?order=up",
     "/sessions/a/messages?limit=0", "/sessions/a/messages?limit=201", "/sessions/a/messages?before=x",
     "/sessions/a/summaries?before=-1", "/sessions/%ff/memory", "/sessions/" + "x" * 1025 + "/memory"],
)  # fmt: skip
async def test_a_bad_parameter_gets_a_sentence(memory: httpx.AsyncClient, path: str) -> None:
    """An invalid parameter is answered 400 with a sentence in JSON."""
    response = await memory.get(httpx.URL(str(memory.base_url).rstrip("/") + path))
    assert response.status_code == 400
    assert response.json()["error"].endswith(".")


class Calls:
    """An application with a few calls, and a record of what it started, stopped and counted."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.stopping = Stopping()
        self.reached = asyncio.Event()
        self.requests = Counter("requests", "", "call", "status")
        handlers: dict[bytes, dict[str, Handler]] = {
            b"/": {"GET": self.fail},
            b"/sessions/*/memory": {"GET": self.answer, "DELETE": self.wait},
        }
        self.application = Application(handlers, self.requests, self.stopping, self.start, self.stop, self.admit)

    async def start(self) -> None:
        self.done.append("started")

    async def stop(self) -> None:
        self.done.append("stopped")

    def admit(self, request: Request) -> None:
        if request.header(b"x-refused"):
            raise Forbidden("Not you.")

    async def fail(self, request: Request) -> Response:
        raise ValueError("canary")

    async def answer(self, request: Request) -> Response:
        return json_response([name.decode() for name in request.names])

    async def wait(self, request: Request) -> Response:
        self.reached.set()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("It was never cancelled.")

    def client(self) -> httpx.AsyncClient:
        """A client of the application."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.application), base_url="http://here")


async def test_a_mistake_is_answered_500_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected error is answered with a sentence that does not quote it, and its traceback is logged."""
    calls = Calls()
    async with calls.client() as client:
        answer = await client.get("/")
    assert (answer.status_code, "its log says" in answer.json()["error"]) == (500, True)
    assert "failed unexpectedly" in caplog.text
    assert "canary" not in answer.text
    assert caplog.records[-1].exc_info is not None


async def test_paths_and_methods_that_are_not_there_get_a_sentence() -> None:
    """An unknown path is 404, an unsupported method 405 with the supported ones; HEAD is answered like GET."""
    async with Calls().client() as client:
        unknown, empty = await client.get("/nothing"), await client.get("/sessions//memory")
        wrong, head = await client.put("/sessions/a/memory"), await client.head("/sessions/a/memory")
    assert [unknown.status_code, empty.status_code, wrong.status_code, head.status_code] == [404, 404, 405, 200]
    assert wrong.headers["allow"] == "GET, DELETE, HEAD"
    assert unknown.json() == empty.json() == {"error": "There is nothing at this path."}
    assert wrong.json() == {"error": "PUT is not possible here; use GET, DELETE or HEAD."}


async def test_requests_are_counted_by_route_and_status() -> None:
    """Neither session ids nor unknown paths appear in the count."""
    calls = Calls()
    async with calls.client() as client:
        for path in ("/sessions/a/memory", "/sessions/b/memory", "/a", "/b/c"):
            await client.get(path)
    assert sorted(calls.requests.samples()) == [
        'requests{call="GET /sessions/*/memory",status="200"} 2',
        'requests{call="any unknown path",status="404"} 2',
    ]


@pytest.mark.parametrize("ends", [True, False])
async def test_what_is_cancelled_is_answered_only_at_the_end_of_the_process(ends: bool) -> None:
    """A cancelled request is answered 503 while the process is being stopped, and not at all otherwise."""
    calls = Calls()
    async with calls.client() as client:
        waiting = asyncio.create_task(client.delete("/sessions/a/memory"))
        await calls.reached.wait()
        if ends:
            calls.stopping.begin()
        waiting.cancel()
        if not ends:
            with pytest.raises(asyncio.CancelledError):
                await waiting
            return
        answer = await waiting
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_background_work_lives_as_long_as_the_lifespan() -> None:
    """It begins at startup and ends at shutdown, and each is confirmed afterwards."""
    calls = Calls()
    events = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(events)}

    async def send(message: MutableMapping[str, Any]) -> None:
        calls.done.append(message["type"])

    await calls.application({"type": "lifespan"}, receive, send)
    assert calls.done == ["started", "lifespan.startup.complete", "stopped", "lifespan.shutdown.complete"]


async def test_what_is_not_admitted_reaches_only_the_open_calls() -> None:
    """The refusal is answered as a sentence, also at an unknown path; `/` is called without the check."""
    async with Calls().client() as client:
        client.headers["X-Refused"] = "yes"
        refused, unknown, now = await client.get(WHO), await client.get("/nothing"), await client.get("/")
    assert [refused.status_code, unknown.status_code, now.status_code] == [403, 403, 500]
    assert refused.json() == {"error": "Not you."}


async def test_every_call_but_those_for_monitoring_requires_the_token(
    redis_url: str, summary_model: ScriptedOpenAI, tmp_path: Path
) -> None:
    """If a token is configured, calls without it are answered 401; `/` stays open."""
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_TOKEN": "s3cret"}
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            assert (await client.get("/")).status_code == 200
            refused = await client.get(WHO)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
            assert (await client.get(WHO, headers={"Authorization": "Bearer wrong"})).status_code == 401
            assert (await client.get(WHO, headers={"Authorization": "Basic s3cret"})).status_code == 401
            for scheme in ("Bearer", "bearer", "BEARER"):
                assert (await client.get(WHO, headers={"Authorization": f"{scheme} s3cret"})).status_code == 200


async def test_a_lost_store_is_answered_503_and_found_again(tmp_path: Path, valkey: Server) -> None:
    """While Redis is away, every call is answered 503 with Retry-After; afterwards the memory is there again."""
    from tests.support.servers import start_valkey

    folder = tmp_path / "own"
    folder.mkdir()
    own = start_valkey(folder)
    port = int(own.url.rsplit(":", 1)[1])
    with running(start_memory_server(own.url, tmp_path / "log")) as server:
        async with client_of(server) as client:
            await client.post(WHO, json=wire("kept"))
            own.kill()
            refused = await client.get(WHO)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert "Redis" in refused.json()["error"]
            with running(start_valkey(folder, port)):

                async def back() -> bool:
                    return (await client.get(WHO)).status_code == 200

                await until(back)
                assert contents((await client.get(WHO)).json()) == ["kept"]
