"""Sharing with pages of other origins."""

from __future__ import annotations

import httpx
import pytest

from tests.chat.api.v1.callers import Caller
from tests.chat.api.v1.conftest import APP
from tests.support.servers import Site

OTHER = "https://evil.example"


def preflight(site: Site, origin: str) -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    return httpx.options(f"{site.url}/api/v1/sessions/trip", headers=headers, trust_env=False)


def test_a_browser_may_ask_for_an_allowed_origin(site: Site):
    """Without a credential; it learns which methods and headers it may send."""
    answer = preflight(site, APP)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert {"PUT", "PATCH", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    sent = {"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"}
    assert sent <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.parametrize("origin", [OTHER, "null", "https://app.example.org.evil.example", "http://app.example.org"])
def test_no_other_origin_is_allowed(site: Site, caller: Caller, origin: str):
    """Neither by a preflight nor in an answer, whatever the credential."""
    for answer in (preflight(site, origin), caller.get("/sessions", headers={"Origin": origin})):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_an_allowed_page_reads_answers_errors_and_their_headers(caller: Caller):
    """Also those of a call that does not exist."""
    for path in ("/sessions", "/sessions/unknown", "/nothing"):
        answer = caller.get(path, headers={"Origin": APP})
        assert answer.headers["Access-Control-Allow-Origin"] == APP
        assert {"ETag", "Retry-After"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert "Origin" in answer.headers["Vary"]
