"""The stand-in for the original gives the original's recorded answers."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.support.original_motorhead import OriginalMotorhead
from tests.support.servers import REPOSITORY

RECORDED = REPOSITORY / "tests" / "support" / "recorded" / "cases.jsonl"
#: The cases that the memory client relies on.
ASKED = {
    "unknown session",
    "append a pair",
    "newest first",
    "append another",
    "two pairs",
    "delete",
    "after delete",
    "delete unknown",
    "wrong path",
    "retrieval",
    "sessions?namespace=team",
    "sessions?namespace=team&page=2",
    "sessions?namespace=team&page=3",
    "sessions?namespace=team&page=4",
    "sessions?namespace=team&size=30",
    "sessions?namespace=nobody",
    "sessions?namespace=",
    "delete without namespace",
    "still listed",
    "delete with namespace",
    "no longer listed",
}


def cases() -> list[dict[str, Any]]:
    """Those cases in order, with the requests that set them up."""
    recorded = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    return [case for case in recorded if case["case"] in ASKED or case["request"][1].endswith("?namespace=team")]


def test_the_recorded_answers_are_given() -> None:
    """Status and body are the same, including the effects of earlier requests."""
    found = {}
    with OriginalMotorhead() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        for case in cases():
            method, path, body, _ = case["request"]
            response = client.request(method, path, json=body)
            answer = response.json() if case["type"] == "application/json" else {"text": response.text}
            found[case["case"]] = (response.status_code, answer) == (case["status"], case["body"])
    assert found.keys() >= ASKED
    assert [name for name, alike in found.items() if not alike] == []
