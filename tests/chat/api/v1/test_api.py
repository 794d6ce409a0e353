"""Errors of calls become problem documents, and no request drawn from the description, or at random, is an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chat.api.v1.description import describe
from tests.chat.api.v1.callers import Caller, problem_of
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.servers import PATIENCE, Site, running, start_site


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', '{"title": "\\ud800"}', '{"a": NaN}', "[" * 100_000, b"\xff"]
)
def test_a_body_that_is_no_object_is_refused(caller: Caller, body: str | bytes):
    """Also half a character, which could be stored nowhere."""
    refused = caller.patch("/sessions/trip", content=body, headers={"Content-Type": "application/json"})
    assert problem_of(refused, 400)["code"] == "invalid_request"


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose memory server does not answer, with a limit of calls."""
    with OriginalMotorhead() as memory:
        settings = {"MOTORHEAD_URL": memory.url, "CHAT_PAGES_PER_MINUTE": "5"}
        site = start_site(tmp_path_factory.mktemp("lonely"), "--workers", "1", **settings)
    with running(site):
        yield site


def test_an_outage_is_announced_and_a_limit_has_an_end(lonely: Site):
    """503 and 429 say when to come again; nothing looks like an empty memory."""
    with Caller(lonely, "somebody") as caller:
        for path in ("/sessions", "/sessions/trip", "/sessions/trip/messages", "/search?q=x"):
            away = caller.get(path)
            document = problem_of(away, 503)
            assert (document["code"], document["retryable"]) == ("memory_unreachable", True)
            assert int(away.headers["Retry-After"]) > 0
        gone = problem_of(caller.delete("/sessions/trip"), 503)
        assert gone["detail"].startswith("It may not have been deleted")
        used_up = caller.get("/sessions")
        assert problem_of(used_up, 429)["code"] == "too_many_pages"
        assert 0 < int(used_up.headers["Retry-After"]) <= 60
        assert problem_of(caller.post("/ticket"), 429)
    with Caller(lonely, "another") as caller:
        assert problem_of(caller.get("/sessions"), 503)


# --- requests drawn from the description, and at random --------------------------------------------------------------

schema = schemathesis.openapi.from_dict(describe())
BOUNDED = settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def fuzzer(site: Site) -> Iterator[Caller]:
    """An owner with a session to hit."""
    with Caller(site, "fuzzer") as caller:
        caller.remember("trip", "hi im bob", "Hi Bob.", key="t1")
        yield caller


@schema.parametrize()
@BOUNDED
def test_what_the_description_allows_is_answered_as_it_says(case: Any, fuzzer: Caller):
    """Requests drawn from the description get a described status, content type and shape, and never a 5xx."""
    for session in (case.path_parameters.get("session_id"), "trip"):
        if "session_id" in case.path_parameters:
            case.path_parameters["session_id"] = session
        response = case.call(base_url=str(fuzzer.base_url), headers={"Authorization": fuzzer.headers["Authorization"]})
        if response.status_code == 400 and not response.content:
            assert "multipart" in response.request.headers["Content-Type"]  # a form that Twisted itself refuses
            return
        case.validate_response(response, checks=CHECKS)
        if "session_id" not in case.path_parameters:
            return


@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]),
    parts=st.lists(
        st.sampled_from(
            ["sessions", "trip", "messages", "summary", "versions", "fold", "prompt", "turns", "1", "shares"]
        )
        | st.text(max_size=20),
        max_size=6,
    ),
    query=st.text(max_size=40),
    body=st.binary(max_size=200) | st.sampled_from([b"{}", b'{"after":1e999}', b'{"through":"\\ud800"}', b"[" * 9999]),
    headers=st.dictionaries(
        st.sampled_from(["Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Origin", "Cookie", "Accept"]),
        st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30).map(str.strip),
    ),
)
@settings(BOUNDED, max_examples=100)
def test_no_request_whatever_makes_the_site_fail(
    fuzzer: Caller, method: str, parts: list[str], query: str, body: bytes, headers: dict[str, str]
):
    """Any combination of method, path, query, headers and body is answered below 500; errors are problem documents."""
    path = "/".join(quote(part, safe="") for part in parts)
    usual = {"Content-Type": "application/json", "Authorization": fuzzer.headers["Authorization"]}
    address = f"{fuzzer.site.url}/api/v1/{path}?{quote(query, safe='=&')}"
    with httpx.Client(trust_env=False, timeout=60 * PATIENCE) as client:
        response = client.request(method, address, content=body, headers={**usual, **headers})
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and method != "HEAD":
        assert problem_of(response, response.status_code)


def test_nothing_of_the_fuzz_is_in_the_log(fuzzer: Caller, site: Site):
    """No call has failed unexpectedly, and the site still answers."""
    assert fuzzer.get("/sessions").status_code == 200
    assert "Traceback" not in site.log.read_text()
