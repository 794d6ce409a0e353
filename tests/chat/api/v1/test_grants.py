"""Tickets and visits over the API."""

from __future__ import annotations

import httpx
import pytest

from tests.chat.api.v1.callers import Caller, problem_of
from tests.chat.api.v1.conftest import APP
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Site
from tests.support.staff import manage

#: Options for a token that can make a single call.
CALLS = ["--calls-per-minute", "1"]


def test_a_token_buys_a_ticket(caller: Caller):
    """Which may be kept by nobody."""
    answer = caller.post("/ticket")
    assert answer.json()["expires_in"] == 60
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("header", [None, "Bearer x", "Basic YTpi"])
def test_nothing_else_buys_one(site: Site, visitor: httpx.Client, header: str | None):
    """Neither a cookie nor another ticket."""
    headers = {"Origin": APP} | ({"Authorization": header} if header else {})
    assert problem_of(visitor.post("/api/v1/ticket", headers=headers), 401)["code"] == "access_denied"


def test_a_page_of_another_origin_than_the_tokens_buys_none(site: Site):
    """The ticket could be used by a program, which has no origin."""
    token = manage(site, "issue_token", "--owner", "bob", "--origin", APP).strip()
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60 * PATIENCE) as client:
        for origin, status in ((APP, 200), ("https://evil.example", 403)):
            headers = {"Authorization": f"Bearer {token}", "Origin": origin}
            assert client.post("/api/v1/ticket", headers=headers).status_code == status


def test_a_visit_begins_and_ends(site: Site):
    """For a page of the same site; after its end the cookie opens nothing."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60) as page:
        own = {"Origin": site.url, "Sec-Fetch-Site": "same-origin"}
        assert page.post("/api/v1/visit", headers=own).status_code == 204
        assert page.get("/api/v1/sessions").status_code == 200
        cookies = dict(page.cookies)
        assert page.delete("/api/v1/visit", params={"everywhere": "yes"}, headers=own).status_code == 204
        page.cookies.update(cookies)
        assert "expired" in problem_of(page.get("/api/v1/sessions"), 401)["detail"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_other_pages_begin_and_end_no_visit(visitor: httpx.Client, method: str):
    """The sentence is also where earlier versions had it."""
    refused = visitor.request(method, "/api/v1/visit", headers={"Origin": "https://evil.example"})
    document = problem_of(refused, 403)
    assert document["error"] == document["detail"]
    assert visitor.get("/api/v1/sessions").status_code == 200


def test_the_turns_of_a_token_are_used_up_in_every_door(site: Site, model: ScriptedOpenAI):
    """Whichever owner of its tenant begins them; the answer says when to come again."""
    token = manage(site, "issue_token", "--tenant", "acme", "--turns-per-minute", "1").strip()
    said = {"role": "user", "content": "hi"}
    run = {"threadId": "s", "runId": "r1", "messages": [{"id": "m", **said}]}
    completion = {"messages": [said], "metadata": {"session": "s"}}
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60 * PATIENCE) as client:
        headers = {"Authorization": f"Bearer {token}"}
        ticket = client.post("/api/v1/ticket", json={"owner": "bob"}, headers=headers).json()["ticket"]
        assert client.post("/api/ag-ui", params={"ticket": ticket}, json=run).status_code == 200
        for path, body in (("/api/ag-ui", run | {"runId": "r2"}), ("/v1/chat/completions", completion)):
            refused = client.post(path, json=body, headers=headers)
            assert (refused.status_code, "This token has used its 1 turns" in refused.text) == (429, True), refused.text
            assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_the_calls_of_a_token_are_used_up_in_every_door(site: Site):
    """Other tokens of the same owner have theirs."""
    tokens = [manage(site, "issue_token", "--owner", "bob", *limit).strip() for limit in ([], CALLS)]
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60 * PATIENCE) as client:
        free, limited = ({"Authorization": f"Bearer {token}"} for token in tokens)
        assert client.get("/api/v1/sessions", headers=limited).status_code == 200
        for method, path in (
            ("GET", "/api/v1/sessions"),
            ("POST", "/api/v1/ticket"),
            ("POST", "/api/ticket"),
            ("POST", "/api/ag-ui"),
            ("GET", "/v1/models"),
            ("POST", "/v1/chat/completions"),
        ):
            refused = client.request(method, path, headers=limited)
            assert (refused.status_code, "too_many_pages" in refused.text) == (429, True), path
            assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert client.get("/api/v1/sessions", headers=free).status_code == 200
