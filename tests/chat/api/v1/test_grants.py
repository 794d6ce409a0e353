"""Tickets and visits over the API."""

from __future__ import annotations

import httpx
import pytest

from tests.chat.api.v1.callers import Caller, problem_of
from tests.chat.api.v1.conftest import APP
from tests.support.servers import Site


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
