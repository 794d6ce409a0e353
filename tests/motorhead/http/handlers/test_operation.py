"""The calls for monitoring, and the protocol's description."""

from __future__ import annotations

from time import time

import httpx

from motorhead.http.openapi import describe
from motorhead.store.connect import link_to
from redis_link.address import parse_address
from tests.support.kit import in_process, wire
from tests.support.servers import PATIENCE


async def test_the_time_is_in_milliseconds(memory: httpx.AsyncClient) -> None:
    """GET / answers with the milliseconds since 1970 and nothing else."""
    answer = (await memory.get("/")).json()
    assert answer.keys() == {"now"}
    assert abs(answer["now"] - time() * 1000) < 60_000 * PATIENCE


async def test_a_server_whose_redis_is_away_is_healthy_and_not_ready(memory: httpx.AsyncClient) -> None:
    """/healthz checks only the process; /readyz also Redis, and is 503 with a sentence while Redis does not answer."""
    assert [(await memory.get(path)).json() for path in ("/healthz", "/readyz")] == [
        {"status": "ok"},
        {"status": "ready"},
    ]
    async with in_process(link_to(parse_address("redis://127.0.0.1:1"))) as client:
        assert (await client.get("/healthz")).status_code == 200
        away = await client.get("/readyz")
    assert (away.status_code, "cannot be reached" in away.json()["error"]) == (503, True)


async def test_the_metrics_count_appends_and_requests(memory: httpx.AsyncClient) -> None:
    """GET /metrics is in the format of Prometheus: accepted appends, and requests by route, without any id."""

    async def sample(name: str) -> int:
        answer = await memory.get("/metrics")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4"
        return next((int(line.split()[-1]) for line in answer.text.splitlines() if line.startswith(f"{name} ")), 0)

    calls = 'motorhead_requests_total{call="POST /sessions/*/memory",status="200"}'
    names = ("motorhead_appends_total", "motorhead_messages_total", calls)
    before = [await sample(name) for name in names]
    await memory.post("/sessions/canary/memory", json=wire("a", "b"))
    after = [await sample(name) for name in names]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1]
    assert "canary" not in (await memory.get("/metrics")).text


async def test_the_protocol_is_described(memory: httpx.AsyncClient) -> None:
    """GET /openapi.json answers with the description, as JSON."""
    assert (await memory.get("/openapi.json")).json() == describe()
