"""The guide to the HTTP API, example by example, on the site."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from tests.ai_sdk.sockets import Visitor
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY

GUIDE = (REPOSITORY / "docs" / "http-api.md").read_text()
#: A request, and the answer below it, if the guide shows one.
EXAMPLE = re.compile(r"```http\n(?P<request>.*?)```\n(?:\n```json\n(?P<answer>.*?)```)?", re.DOTALL)


def matches(shown: Any, found: Any) -> bool:
    """Whether an answer is the one in the guide: "*" stands for anything, … for any text, a last "*" for any items."""
    if shown == "*":
        return True
    if isinstance(shown, dict):
        return isinstance(found, dict) and shown.keys() == found.keys() and all(
            matches(value, found[name]) for name, value in shown.items()
        )  # fmt: skip
    if isinstance(shown, list):
        if shown[-1:] == ["*"]:
            shown, found = shown[:-1], found[: len(shown) - 1]
        return len(shown) == len(found) and all(map(matches, shown, found))
    if isinstance(shown, str) and "…" in shown:
        pattern = ".*".join(map(re.escape, shown.split("…")))
        return isinstance(found, str) and re.fullmatch(pattern, found, re.DOTALL) is not None
    return bool(shown == found)


def ask(client: httpx.Client, request: str) -> httpx.Response:
    """The answer to a request as the guide shows it."""
    head, _, body = request.partition("\n\n")
    first, *lines = head.strip().splitlines()
    method, address = first.split(" ")
    headers = dict(line.split(": ") for line in lines)
    return client.request(method, address, headers=headers, json=json.loads(body) if body.strip() else None)


async def test_every_example_of_the_guide_is_answered_as_it_says(visitor: Visitor, model: ScriptedOpenAI):
    """In the order of the guide, after one turn."""
    model.enqueue("Hi Bob.")
    async with visitor.socket() as socket:
        await socket.ask("trip", "hi im bob", body={"idempotencyKey": "t1"})
    headers = {"Authorization": f"Bearer {visitor.token()}"}
    examples = list(EXAMPLE.finditer(GUIDE))
    assert len(examples) >= 17
    with httpx.Client(base_url=visitor.site.url, headers=headers, trust_env=False, timeout=60 * PATIENCE) as client:
        for example in examples:
            answer = ask(client, example["request"])
            shown = json.loads(example["answer"]) if example["answer"] else None
            status = shown["status"] if shown and "status" in shown else answer.status_code
            assert answer.status_code == status < (500 if shown and "status" in shown else 400), answer.text
            found = answer.json() if answer.content else None
            assert matches(shown, found), f"{example['request']}\nwas answered with\n{json.dumps(found, indent=2)}"


def test_every_call_has_an_example_or_is_named():
    """Nobody has to guess that a call is there."""
    described = json.loads((REPOSITORY / "docs" / "openapi.json").read_text())
    for path in described["paths"]:
        address = re.sub(r"\\{\w+\\}", r"[\\w.-]+", re.escape(path))
        short = address.replace(re.escape("/sessions/") + r"[\w.-]+", "…", 1)
        assert re.search(rf"(?:{address}|{short})(?![\w/])", GUIDE), path
