"""What a running site with two workers shows to Prometheus."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from websockets import WebSocketException

from tests.ai_sdk.sockets import send_frame, user_message, visit
from tests.support.ports import until
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PROXIES, Site, running, start_memory_server, start_site

SAMPLE = re.compile(r'(?P<name>\w+)\{process="(?P<process>[^"]+)",?(?P<labels>.*)\} (?P<value>\S+)')


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies: the site is on this machine."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


class Collector(ThreadingHTTPServer):
    """A collector of traces, which keeps their spans."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.spans: list[Span] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Taking(BaseHTTPRequestHandler):
    """Takes traces over OTLP."""

    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sent = ExportTraceServiceRequest.FromString(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Where the site sends its traces."""
    with Collector() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def site(model: ScriptedOpenAI, collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two workers."""
    folder = tmp_path_factory.mktemp("site")
    settings = {"OPENAI_BASE_URL": model.url, "CHAT_LEASE": "2", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    settings |= {"OTEL_BSP_SCHEDULE_DELAY": "100"}
    with running(start_site(folder, "--workers", "2", **settings)) as site:
        yield site


async def scrape(site: Site, without: str = "") -> dict[tuple[str, str], float]:
    """Every sample by its name and its labels, added up over the workers, but for the one ``without``."""
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{site.url}/metrics")).text
    found: dict[tuple[str, str], float] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            if sample["process"] != without:
                place = sample["name"], sample["labels"]
                found[place] = found.get(place, 0) + float(sample["value"])
    return found


async def workers(site: Site) -> set[str]:
    """The workers in an answer."""
    async with httpx.AsyncClient() as client:
        return set(re.findall(r'process="([^"]+)"', (await client.get(f"{site.url}/metrics")).text))


async def risen(site: Site, before: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """What has been counted since ``before``."""
    return {place: value - before.get(place, 0) for place, value in (await scrape(site)).items()}


async def test_each_scrape_has_all_workers(site: Site) -> None:
    """Whichever worker is asked. One that was killed is there again with its next life, and nothing of the old one."""

    async def both() -> bool:
        return await workers(site) == {"web.1", "web.2"}

    await until(both, 20)
    for _ in range(4):
        assert await both()
    pid = site.kill_child("web.1")
    await asyncio.to_thread(site.wait_for_new, "web.1", pid, 20)
    await until(both, 20)


async def test_a_turn_is_counted_when_it_has_ended(site: Site, model: ScriptedOpenAI) -> None:
    """By outcome and code, with its first word, its tokens, and the requests to memory and Redis that it took."""
    visitor, before = await visit(site), await scrape(site)
    async with visitor.socket() as socket:
        await socket.ask("s1", "hi")
        model.enqueue(Reply(status=401, error="no"))
        await socket.ask("s1", "again")
        found = await risen(site, before)
        assert found["chat_sockets", 'door="websocket"'] == 1
    assert found["chat_turns_total", 'outcome="answered"'] == 1
    assert found["chat_turns_total", 'outcome="failed"'] == 1
    assert sum(value for (name, _), value in found.items() if name == "chat_turn_failures_total") == 1
    assert sum(value for (name, _), value in found.items() if name == "chat_model_failures_total") == 1
    assert found["chat_first_word_seconds_count", ""] == 1
    assert found["chat_turn_seconds_count", ""] == 2
    assert found["chat_tokens_total", 'kind="prompt"'] > found["chat_tokens_total", 'kind="reply"'] > 0
    assert found["chat_memory_seconds_count", 'call="POST memory"'] == 1
    assert found["chat_redis_seconds_count", ""] >= 4
    assert found["chat_turns_not_remembered_total", ""] == 0


async def test_a_turn_is_traced(site: Site, collector: Collector) -> None:
    """The collector gets the spans of its steps, in one trace and without what was said."""
    visitor = await visit(site)
    async with visitor.socket() as socket:
        turn_id = (await socket.ask("traced", "canary7f3qz")).turn_id

    def trace() -> list[Span]:
        turns = [span for span in collector.spans if turn_id in str(span.attributes)]
        return [span for span in collector.spans if turns and span.trace_id == turns[0].trace_id]

    async def traced() -> bool:
        return len(trace()) == 4

    await until(traced, 20)
    assert sorted(span.name.split()[0] for span in trace()) == ["chat", "memory", "memory", "turn"]
    assert "canary7f3qz" not in str(collector.spans)


async def test_errors_are_counted_by_door(site: Site) -> None:
    """Each door counts what its clients are shown, once."""
    visitor, before = await visit(site), await scrape(site)
    async with visitor.socket() as socket:
        await socket.complaint("{")
    async with httpx.AsyncClient(base_url=site.url, headers=visitor.headers()) as client:
        assert (await client.get("/api/v1/sessions/none")).status_code == 404
        assert (await client.get("/v1/models")).status_code == 401
        assert (await client.get(f"/s/{'x' * 65}")).status_code == 400
    found = await risen(site, before)
    doors = {labels: value for (name, labels), value in found.items() if name == "chat_errors_total" and value}
    assert sorted(doors.values()) == [1, 1, 1, 1], doors
    assert {labels.partition(",")[0] for labels in doors} == {
        'door="websocket"', 'door="http"', 'door="openai"', 'door="page"',
    }  # fmt: skip


async def test_a_run_that_is_taken_over_shows(site: Site, model: ScriptedOpenAI) -> None:
    """It is under way, then taken over from the killed worker and joined by its client, and ends once.

    The client joins again when the answer begins again, which closes its socket.
    """
    visitor, gate = await visit(site), Gate()
    model.enqueue(Reply("one two", gate=gate, gate_at=1))
    pids = site.pids()
    async with visitor.socket() as socket:
        request_id = uuid4().hex
        await socket.send(send_frame(request_id, "s1", user_message("hi")))
        worker = (await socket.until(request_id, "text-delta")).pid
        assert (await scrape(site))["chat_runs", ""] == 1
        killed = next(name for name, pid in pids.items() if pid == worker)
        before = await scrape(site, without=killed)  # its next life begins at 0
        site.kill_child(killed)

    async def joined() -> bool:
        with suppress(OSError, WebSocketException):
            async with visitor.socket() as socket:
                return (await socket.resume("s1")).text == "You said: hi"
        return False

    await until(joined, 30)
    found = await risen(site, before)
    assert found["chat_turns_total", 'outcome="answered"'] == 1
    assert found["chat_runs_taken_over_total", ""] == 1
    assert found["chat_resumes_total", 'door="websocket"'] >= 1
    gate.release()


async def test_without_its_memory_the_site_is_not_up(tmp_path: Path, model: ScriptedOpenAI, redis_url: str) -> None:
    """The metrics go on, and show which part is missing."""
    with running(start_memory_server(redis_url, tmp_path / "memory.log")) as memory:
        settings = {"MOTORHEAD_URL": memory.url, "REDIS_URL": redis_url, "OPENAI_BASE_URL": model.url}
        with running(start_site(tmp_path / "site", "--workers", "1", **settings)) as site:
            assert (await scrape(site))["chat_up", 'part="memory"'] == 1
            memory.stop()

            async def noticed() -> bool:
                found = await scrape(site)
                return (found["chat_up", 'part="memory"'], found["chat_up", 'part="site"']) == (0, 0)

            await until(noticed, 20)
            found = await scrape(site)
            assert found["chat_up", 'part="store"'] == 1
            assert found["chat_memory_failures_total", 'call="GET readyz",code="memory_unreachable"'] > 0


async def test_every_line_can_be_json(tmp_path: Path) -> None:
    """All parts write lines with the same fields: supervisor, memory server, stand-in and workers."""
    with running(start_site(tmp_path, "--workers", "1", CHAT_LOG="json")) as site:
        pid = site.kill_child("memory.1")
        await asyncio.to_thread(site.wait_for_new, "memory.1", pid, 20)
        async with httpx.AsyncClient(base_url=site.url) as client:
            assert (await client.get("/nothing")).status_code == 404

        async def all_wrote() -> bool:
            return {line["process"] for line in lines(site)} == {"serve", "memory", "model", "web.1"}

        await until(all_wrote, 20)
        for line in lines(site):
            assert list(line)[:6] == ["time", "level", "process", "pid", "logger", "message"]
        assert f"The chat is up: {site.url}" in [line["message"] for line in lines(site)]


def lines(site: Site) -> list[dict[str, Any]]:
    """The lines of the site's log."""
    return [json.loads(line) for line in site.log.read_text().splitlines()]
