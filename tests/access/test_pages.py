"""Every path of the site that is neither the HTTP API's nor the admin's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.urls import URLPattern

from chat.urls import urlpatterns
from tests.access.people import SECRET, People
from tests.support.access_tables import rows_of

CREDENTIALS = ("none", "foreign page", "cookie", "other cookie", "token", "staff")
METHODS = ("GET", "POST")

SESSION = {"id": "old", "messages": [{"id": "1", "role": "Human", "at": None, "text": "hi"}]}
SAID = json.dumps([{"reply": False, "text": "changed"}])
RUN = {"threadId": "trip", "runId": "r", "messages": []}
COMPLETION = {"messages": [{"role": "user", "content": "hi"}], "metadata": {"session": "other"}}
#: What a page sends, by its row: forms that fit the owner's session, or a body.
SENT: dict[str, dict[str, Any]] = {
    "POST /sessions/import": {
        "files": {"file": json.dumps({"format": "motorhead-chat", "version": 1, "sessions": [SESSION]})}
    },
    "POST /s/{session_id}/details": {"data": {"title": "changed"}},
    "POST /s/{session_id}/summary/instructions": {"data": {"instructions": "changed"}},
    "POST /s/{session_id}/messages/{message_id}/undo": {"data": {"said": SAID, "newest": "4"}},
    "POST /shares/{share_id}/revoke": {"data": {"session": "trip"}},
    "POST /language": {"data": {"language": "en", "back": "/"}},
    "POST /api/ag-ui": {"json": RUN},
    "POST /api/ag-ui/": {"json": RUN},
    "POST /v1/chat/completions": {"json": COMPLETION},
}
#: Forms that are incomplete, a search without words, and what ends or is known no more: allowed, but without success.
UNSUCCESSFUL = {400, 404, 409, 422}


def paths() -> Iterator[str]:
    """Every path, with its parameters in braces. Those of the HTTP API have a test of their own."""
    for pattern in urlpatterns:
        if isinstance(pattern, URLPattern):
            path = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
            if path not in {"/api/v1/openapi.json", "/api/v1/asyncapi.yaml"}:
                yield path


def ask(people: People, client: httpx.Client, credential: str, row: str) -> httpx.Response:
    """The answer to a request with a credential."""
    method, path = row.split(" ")
    values = {"session_id": "trip", "message_id": "3", "turn_id": "t1", "number": "1", "name": "x", "anything": "x"}
    address = path.format(**values, share_id=people.share, secret=people.secret)
    query = {"q": "secret", "before": "5", "message": "1"} | {"id": f"{people.owner.owner}.trip"}
    query |= {"runId": "r", "offset": "-1", "threadId": "trip"} if "ag-ui" in path and method == "GET" else {}
    sent = {"headers": people.headers_of(credential), "params": query} | SENT.get(row, {})
    if row == "POST /s/{session_id}/summary":
        sent["data"] = {"context": "changed", "tag": people.tag()}
    client.cookies.clear()
    return client.request(method, address, **sent)


def is_denied(answer: httpx.Response) -> bool:
    """Whether the answer is a refusal, or the way to a login."""
    return answer.status_code in {401, 403} or "/login/" in answer.headers.get("Location", "")


def rows() -> dict[str, list[str]]:
    """The cells of each path in docs/security.md."""
    return rows_of("page", CREDENTIALS)


def test_the_table_has_a_row_for_every_path(people: People, client: httpx.Client):
    """With each of its methods, and for no other."""
    people.reset()
    asked = (f"{method} {path}" for path in paths() for method in METHODS)
    found = [row for row in asked if ask(people, client, "cookie", row).status_code != httpx.codes.METHOD_NOT_ALLOWED]
    assert sorted(rows()) == sorted(found)


@pytest.mark.parametrize("row", rows())
def test_a_page_does_what_the_table_says(people: People, client: httpx.Client, row: str):
    """With each credential, and no more: nothing of somebody else's is shown or changed."""
    people.reset()
    before = people.state()
    for credential, allowed in zip(CREDENTIALS, rows()[row], strict=True):
        answer = ask(people, client, credential, row)
        found = f"{row} with {credential}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, found
        assert "Access-Control-Allow-Origin" not in answer.headers or credential != "foreign page", found
        assert is_denied(answer) == (allowed == "no"), found
        if allowed == "yes":
            assert answer.status_code < 400 or answer.status_code in UNSUCCESSFUL, found
            if row.startswith("POST"):
                people.reset()
                before = people.state()
        else:
            assert SECRET not in answer.text, found
            assert row.startswith("GET") or people.state() == before, found
