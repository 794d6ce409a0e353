"""The reference as served: documents, and a page that needs no script."""

from __future__ import annotations

import re

import httpx
import pytest
import yaml

from chat.api.v1.errors import ERRORS
from tests.support.html import parse
from tests.support.servers import Site


@pytest.fixture
def anybody(site: Site) -> httpx.Client:
    """Somebody without a credential."""
    return httpx.Client(base_url=site.url, trust_env=False, timeout=60)


def test_the_documents_are_served_to_anybody(anybody: httpx.Client):
    """In OpenAPI and AsyncAPI, under the address that the site has."""
    described = anybody.get("/api/v1/openapi.json").json()
    assert (described["openapi"][:3], described["servers"]) == ("3.1", [{"url": "/api/v1"}])
    sockets = anybody.get("/api/v1/asyncapi.yaml")
    assert sockets.headers["Content-Type"] == "application/yaml"
    assert yaml.safe_load(sockets.text)["channels"]["chat"]["address"] == "/ws/v1/chat"


def test_the_page_shows_every_call_error_and_frame(anybody: httpx.Client):
    """Each with an anchor, to which links lead; an error's type leads to its code."""
    answer = anybody.get("/docs/api/")
    assert answer.status_code == 200
    page = parse(answer.text)
    anchors = re.findall(r' id="([^"]+)"', answer.text)
    assert len(anchors) == len(set(anchors))
    described = anybody.get("/api/v1/openapi.json").json()
    named = {operation["operationId"] for found in described["paths"].values() for operation in found.values()}
    assert named | set(ERRORS) | {"shape-UIMessage", "frame-Send", "frame-AnswerChunk"} <= set(anchors)
    links = {link.attributes["href"].removeprefix("#") for link in page.all("a") if link.attributes["href"][0] == "#"}
    assert links <= set(anchors)


def test_the_page_loads_nothing_from_elsewhere(anybody: httpx.Client):
    """It works offline, and without a script."""
    answer = anybody.get("/docs/api/")
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    for address in re.findall(r'(?:src|href)="([^"#]+)"', answer.text):
        assert address.startswith("/")
        assert anybody.get(address, follow_redirects=True).status_code == 200


def test_the_address_without_its_slash_leads_there(anybody: httpx.Client):
    """People type it so."""
    assert anybody.get("/docs/api", follow_redirects=True).url.path == "/docs/api/"
