"""Monitoring of the server: health, readiness, metrics and logs."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import httpx

from telemetry.logs import JsonLines, TextLines
from tests.motorhead.conftest import client_of
from tests.support.kit import idle, until, wire
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import running, start_memory_server, start_valkey


async def test_health_is_the_process_and_readiness_the_store(tmp_path: Path) -> None:
    """Without Redis the process is healthy, but not ready."""
    own = start_valkey(tmp_path)
    with running(start_memory_server(own.url, tmp_path / "log", None, MOTORHEAD_TOKEN="t")) as server:
        async with client_of(server) as client:
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            assert (await client.get("/readyz")).json() == {"status": "ready"}
            own.kill()
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 503


async def test_metrics_count_appends_folds_and_latencies(memory: httpx.AsyncClient) -> None:
    """An append and a fold increase the counters, and labels leave out the variable parts of paths."""
    before = await scraped(memory)
    await memory.post("/sessions/canary/memory", json=wire(*(f"m{n}" for n in range(13))))
    await idle(memory, "canary")
    await until(lambda: no_fold_in_flight(memory))  # a fold is counted after it has released the session
    await memory.get("/sessions/canary/nowhere")
    after = await scraped(memory)
    assert "canary" not in (await memory.get("/metrics")).text
    risen = {name: value - before.get(name, 0) for name, value in after.items()}
    assert risen["motorhead_appends_total"] == 1
    assert risen["motorhead_messages_total"] == 13
    assert risen["motorhead_folded_messages_total"] == 6
    assert risen['motorhead_folds_total{outcome="done"}'] == 1
    assert risen['motorhead_requests_total{call="POST /sessions/*/memory",status="200"}'] == 1
    assert risen['motorhead_requests_total{call="any unknown path",status="404"}'] == 1
    assert risen["motorhead_summary_model_seconds_count"] == 1
    assert risen["motorhead_redis_seconds_count"] > 3
    assert after["motorhead_folds_in_flight"] == after["motorhead_fold_lag_seconds"] == 0


async def test_folds_on_demand_are_counted_like_all(memory: httpx.AsyncClient, summary_model: ScriptedOpenAI) -> None:
    """A fold on demand is counted by its outcome, and so are refused summaries and failures."""
    before = await scraped(memory)
    await memory.post("/sessions/a/memory", json=wire(*(f"m{n}" for n in range(8))))
    summary_model.enqueue("NONE", "NONE", Reply(status=401))
    statuses = [(await memory.post("/sessions/a/fold")).status_code for _ in range(4)]
    assert statuses == [503, 503, 200, 200]
    after = await scraped(memory)
    risen = {name: value - before.get(name, 0) for name, value in after.items()}
    assert risen["motorhead_summaries_refused_total"] == 1
    outcomes = ("refused", "model failed", "done", "nothing")
    assert [risen[f'motorhead_folds_total{{outcome="{outcome}"}}'] for outcome in outcomes] == [1, 1, 1, 1]


async def scraped(client: httpx.AsyncClient) -> dict[str, float]:
    lines = (await client.get("/metrics")).text.splitlines()
    samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


async def no_fold_in_flight(client: httpx.AsyncClient) -> bool:
    return (await scraped(client))["motorhead_folds_in_flight"] == 0


def test_a_log_line_quotes_no_error() -> None:
    """Neither form of the log contains an error's message, which may quote a session; both say where it happened."""
    try:
        int("canary")
    except ValueError as error:
        record = logging.LogRecord(
            "motorhead", 40, "", 0, "It failed: %d", (3,), (type(error), error, error.__traceback__)
        )
    line = json.loads(JsonLines("memory").format(record))
    assert (line["level"], line["message"]) == ("error", "It failed: 3")
    for text in (line["trace"], TextLines().format(record)):
        assert text.endswith("ValueError")
        assert 'int("canary")' in text or "canary" not in text
        assert "invalid literal" not in text


async def test_logs_can_be_json(redis_url: str, tmp_path: Path) -> None:
    """With MOTORHEAD_LOG=json every line is an object."""
    with running(start_memory_server(redis_url, tmp_path / "log", None, MOTORHEAD_LOG="json")) as server:
        lines = server.log.read_text().splitlines()
    assert "answers on http://127.0.0.1:" in json.loads(lines[0])["message"]
