"""The doors over HTTP that are not the HTTP API: what tokens of each scope may do there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from chat.grants.scopes import Scope
from tests.access.people import SECRET, People
from tests.access.test_pages import COMPLETION, RUN, UNSUCCESSFUL, is_denied, paths
from tests.support.access_tables import rows_of

CREDENTIALS = ("token", "other token", "ticket", *(scope.value for scope in Scope))
#: What is sent with a POST, by its row.
SENT: dict[str, Any] = {
    "POST /api/ag-ui run": RUN | {"messages": [{"id": "m", "role": "user", "content": "hi"}]},
    "POST /api/ag-ui past": RUN,
    "POST /v1/chat/completions": COMPLETION | {"metadata": {"session": "trip"}},
}


def ask(people: People, client: httpx.Client, tokens: dict[str, str], credential: str, row: str) -> httpx.Response:
    """The answer to a request with a credential."""
    method, path = row.split(" ")[:2]
    query = {"runId": "r", "offset": "-1", "threadId": "trip"} if row == "GET /api/ag-ui" else {}
    headers = {"Authorization": f"Bearer {tokens.get(credential)}"}
    match credential:
        case "token":
            headers = people.headers_of("token")
        case "other token":
            headers = {"Authorization": people.stranger.headers["Authorization"]}
        case "ticket":
            headers, query["ticket"] = {}, people.owner.post("/ticket").json()["ticket"]
    return client.request(method, path.format(name="x"), headers=headers, params=query, json=SENT.get(row))


def rows() -> dict[str, list[str]]:
    """The cells of each door in docs/security.md."""
    return rows_of("door", CREDENTIALS)


def test_the_table_has_a_row_for_every_door():
    """And for no other."""
    doors = {path for path in paths() if path.startswith(("/api/ag-ui", "/v1/")) and not path.endswith("/")}
    assert {row.split(" ")[1] for row in rows()} == doors - {"/v1/{anything}"}, "That is not found, whoever asks."


@pytest.mark.parametrize("row", rows())
def test_a_door_does_what_the_table_says(people: People, client: httpx.Client, tokens: dict[str, str], row: str):
    """With each credential, and no more: nothing of somebody else's is shown or changed."""
    people.reset()
    before = people.state()
    for credential, allowed in zip(CREDENTIALS, rows()[row], strict=True):
        answer = ask(people, client, tokens, credential, row)
        found = f"{row} with {credential}: {answer.status_code} {answer.text[:300]}"
        assert is_denied(answer) == (allowed == "no"), found
        if allowed == "yes":
            assert answer.status_code < 400 or answer.status_code in UNSUCCESSFUL, found
            people.reset()
            before = people.state()
        else:
            assert SECRET not in answer.text, found
            assert people.state() == before, found
