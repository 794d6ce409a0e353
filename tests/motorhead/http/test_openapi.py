"""The OpenAPI description is complete and true, and no request drawn from it, or at random, harms the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock
from urllib.parse import quote

import httpx
import pytest
import redis
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from motorhead.http.openapi import describe
from motorhead.http.routes import dispatch
from tests.support.examples import examples
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Server, running, start_memory_server

schema = schemathesis.openapi.from_dict(describe())
BOUNDED = settings(max_examples=examples(25), deadline=None, database=None, suppress_health_check=list(HealthCheck))
TOKEN = "s3cret"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def client(served: Server, valkey: Server) -> Iterator[httpx.Client]:
    """A client of a memory server whose store is empty at first and is not emptied between tests."""
    with redis.Redis.from_url(valkey.url) as store:
        store.flushall()
    with httpx.Client(base_url=served.url, trust_env=False, timeout=20 * PATIENCE) as client:
        yield client


@pytest.fixture(scope="module")
def guarded(
    valkey: Server, summary_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A memory server with a long-term memory and a token."""
    log = tmp_path_factory.mktemp("motorhead") / "memory.log"
    settings = {"MOTORHEAD_LONG_TERM_MEMORY": "true", "MOTORHEAD_TOKEN": TOKEN, "MOTORHEAD_SWEEP_SECONDS": "3600"}
    with running(start_memory_server(valkey.url, log, None, OPENAI_BASE_URL=summary_model.url, **settings)) as server:
        yield server


def test_every_route_is_described_and_nothing_else() -> None:
    """The description has exactly the paths and methods that the application serves."""
    described = {
        (re.sub(r"{\w+}", "*", path), method.upper())
        for path, calls in describe()["paths"].items()
        for method in calls
        if method != "parameters"
    }
    served = {(path.decode(), method) for path, methods in dispatch(Mock()).items() for method in methods}
    assert described == served


def test_the_description_is_served(client: httpx.Client) -> None:
    """GET /openapi.json answers with the description."""
    assert client.get("/openapi.json").json() == describe()


@schema.parametrize()
@BOUNDED
def test_what_the_description_allows_is_answered_as_it_says(case: Any, served: Server) -> None:
    """Requests drawn from the description get a described status, content type and schema, and never a 500."""
    response = case.call(base_url=served.url)
    if response.status_code == 503 and case.path.endswith("/fold"):  # the model may be busy
        assert response.json()["error"]
        return
    case.validate_response(response, checks=CHECKS)


@schema.parametrize()
@settings(BOUNDED, max_examples=examples(10))
def test_with_a_long_term_memory_and_a_token_it_holds_too(case: Any, guarded: Server) -> None:
    """The same holds with a long-term memory and a token; without the token every such request is answered 401."""
    response = case.call(base_url=guarded.url, headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code != 401
    if response.status_code != 503 or not case.path.endswith("/fold"):
        case.validate_response(response, checks=CHECKS)
    if case.path.startswith("/sessions"):
        assert case.call(base_url=guarded.url, headers={"Authorization": "Bearer no"}).status_code == 401


odd_bytes = st.binary(max_size=200)
odd_text = st.text(max_size=40)


@pytest.mark.parametrize("kind", ["served", "guarded"])
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]),
    parts=st.lists(
        st.sampled_from(["sessions", "memory", "messages", "summaries", "1", "restore", "fold", "retrieval", ""])
        | odd_text,
        max_size=6,
    ),
    query=odd_text,
    body=odd_bytes | st.sampled_from([b'{"messages":[]}', b'{"messages":[{"role":"x","content":1e999}]}', b"[" * 999]),
    headers=st.dictionaries(
        st.sampled_from(["Content-Type", "Idempotency-Key", "Session-Epoch", "If-None-Match", "Authorization"]),
        st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30).map(str.strip),
    ),
)
@settings(max_examples=examples(150), deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_no_request_whatever_makes_the_server_fail(
    request: pytest.FixtureRequest, client: httpx.Client, kind: str, method: str, parts: list[str], query: str,
    body: bytes, headers: dict[str, str],
) -> None:  # fmt: skip
    """Any combination of method, path, query, headers and body is answered below 500; errors are JSON sentences."""
    server: Server = request.getfixturevalue(kind)
    path = "/".join(quote(part, safe="") for part in parts)
    usual = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    response = client.request(
        method, f"{server.url}/{path}?{quote(query, safe='=&')}", content=body, headers={**usual, **headers}
    )
    assert response.status_code < 500 or (response.status_code == 503 and "fold" in parts)
    if response.status_code >= 400 and method != "HEAD":
        assert response.json()["error"].endswith((".", "disabled"))


def test_the_store_is_sound_after_the_fuzz(client: httpx.Client, served: Server, valkey: Server) -> None:
    """After all these requests every listed session can be read, and the store has no damage."""
    import asyncio

    from motorhead.store.connect import link_to
    from motorhead.store.listing import Listing
    from motorhead.tools.fsck import Findings, Fsck
    from redis_link.address import parse_address

    async def examined() -> Findings:
        link = link_to(parse_address(valkey.url))
        await link.open()
        try:
            return await Fsck(link, Listing(link), mend=False).run()
        finally:
            await link.close()

    written = {"plain", "b{ra}ce%s", "ünïcödé", " "}
    for session in written:
        body = {"messages": [{"role": "Human", "content": session}] * 13, "context": session}
        assert client.post(f"/sessions/{quote(session, safe='')}/memory", json=body).status_code == 200
    listed = client.get("/sessions?size=1000&order=newest").json()
    assert written <= set(listed)
    for session in listed:
        if session not in {".", ".."}:  # a client's URL library takes these as directions
            assert client.get(f"/sessions/{quote(session, safe='')}/memory").status_code == 200
    found = asyncio.run(examined())
    assert found.sentences == []
