"""Recorded answers of the real Motörhead, compared with ours: equal, or listed here with the intended difference."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from tests.motorhead.conftest import client_of
from tests.support.kit import contents, idle
from tests.support.servers import REPOSITORY, Server

RECORDED = REPOSITORY / "tests" / "support" / "recorded"
PROTOCOL = REPOSITORY / "docs" / "motorhead-protocol.md"

#: The answer to a bad request: the original's status and key, our words.
SENTENCE = {"error": ...}

#: Intended differences: case to our status and body. docs/motorhead-protocol.md gives a reason for each.
WANTED: dict[str, tuple[int, Any]] = {
    "context alone, no messages": (200, {"status": "Ok"}),
    "no messages": (200, {"status": "Ok"}),
    "message back: colon in role": (
        200, {"messages": [{"role": "A: B", "content": "c"}], "context": None, "tokens": 0},
    ),
    "body of 2200000 bytes": (413, SENTENCE),
    "wrong path": (404, SENTENCE),
    "empty id": (404, SENTENCE),
    "trailing slash": (404, SENTENCE),
    "method: PUT": (405, SENTENCE),
    "method: HEAD": (200, None),
    "method: POST health": (405, SENTENCE),
    "retrieval": (400, {"error": "Long term memory is disabled"}),
    "sessions?namespace=team&size=0": (400, SENTENCE),
    "sessions?namespace=team&page=0": (400, SENTENCE),
    "sessions?namespace=team&page=101": (200, []),
    "sessions?namespace=team&page=-1": (400, SENTENCE),
    "sessions?namespace=team&page=x": (400, SENTENCE),
    "still listed": (200, ["ns01", "ns02"]),
    "no longer listed": (200, ["ns02", "ns03"]),
}  # fmt: skip


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RECORDED / "cases.jsonl").read_text().splitlines()]


def content_of(body: Any) -> bytes | None:
    """The bytes of a recorded request body."""
    if body is None:
        return None
    if isinstance(body, dict) and "raw" in body:
        parts = body["raw"] if isinstance(body["raw"], list) else [body["raw"]]
        return "".join(p if isinstance(p, str) else p["repeat"][0] * p["repeat"][1] for p in parts).encode("latin-1")
    for message in body.get("messages", []):
        if isinstance(message["content"], dict):
            text, times = message["content"]["repeat"]
            message["content"] = text * times
    return json.dumps(body).encode()


async def ask(client: httpx.AsyncClient, case: dict[str, Any]) -> httpx.Response:
    method, path, body, headers = case["request"]
    sent = {"Content-Type": "application/json", **(headers or {})}
    sent = {name: value for name, value in sent.items() if value is not None}
    return await client.request(
        method, httpx.URL(str(client.base_url).rstrip("/") + path), content=content_of(body), headers=sent
    )


def plain(body: Any) -> Any:
    """A body without our additions, for comparison with the original's."""
    if not isinstance(body, dict) or "messages" not in body:
        return body
    messages = [{"role": m["role"], "content": m["content"]} for m in body["messages"]]
    return {"messages": messages, **{name: body[name] for name in ("context", "tokens")}}


def agrees(found: Any, wanted: Any) -> bool:
    if wanted == SENTENCE:
        return list(found) == ["error"] and bool(re.match(r"[A-Z].*\.$", found["error"], re.DOTALL))
    return bool(found == wanted)


async def test_every_recorded_case_is_answered_alike_or_as_listed(memory: httpx.AsyncClient) -> None:
    """Our answers to the recorded requests, in order, equal the original's or the intended differences."""
    different = []
    for case in cases():
        response = await ask(memory, case)
        if case["case"] == "setup":
            assert response.status_code == 200
        elif case["case"].startswith(("window after", "summary built")):
            await check_window(memory, case)
        else:
            status, wanted = WANTED.get(case["case"], expected(case))
            found: Any = response.json() if response.content else None
            if case["case"] == "health":
                found["now"] = wanted["now"]
            if response.status_code != status or not agrees(plain(found), wanted):
                different.append((case["case"], response.status_code, found, wanted))
    assert different == []


def expected(case: dict[str, Any]) -> tuple[int, Any]:
    """The original's answer; errors are compared by status and shape, not by words."""
    bad = case["status"] >= 400 and case["type"] == "application/json"
    return case["status"], SENTENCE if bad else case["body"]


async def check_window(client: httpx.AsyncClient, case: dict[str, Any]) -> None:
    """Check that the newest 6 to 12 messages are left, in order, and that all others are in the summary."""
    session = case["request"][1].split("/")[2]
    answer = await idle(client, session)
    left = contents(answer)
    history = (await client.get(f"/sessions/{session}/messages?limit=200")).json()["messages"]
    everything = [message["content"] for message in reversed(history)]
    assert 6 <= len(left) <= 12
    assert left == everything[-len(left) :]
    assert answer["window"]["folded"] == len(everything) - len(left)
    assert (answer["context"] is None) == (case["body"]["context"] is None)
    assert (answer["tokens"] > 0) == (case["body"]["tokens"] > 0)


def test_every_wanted_difference_is_documented() -> None:
    """The protocol's document lists exactly those differences from the original that the tests accept."""
    table = PROTOCOL.read_text().partition("## Where it differs")[2].partition("### Retrieval")[0]
    documented = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))
    assert documented == set(WANTED)


async def test_a_body_too_large_is_refused_at_once_and_the_connection_goes_on(served: Server, redis_url: str) -> None:
    """A body above the limit is answered 413, and the same connection serves the next request."""
    async with client_of(served) as client:
        body = json.dumps({"messages": [{"role": "Human", "content": "x" * 5_000_000}]}).encode()
        headers = {"Content-Type": "application/json"}
        response = await client.post("/sessions/big/memory", content=body, headers=headers)
        assert response.status_code == 413
        assert (await client.get("/sessions/big/memory")).json()["messages"] == []
