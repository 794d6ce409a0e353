"""Addresses for browsers and probes, and the headers and errors of every response."""

from __future__ import annotations

import socket
from http import HTTPStatus

import httpx
import pytest

from tests.support.html import parse
from tests.support.servers import PATIENCE


@pytest.mark.parametrize("host", ["localhost", "10.0.0.7:8000", "pod_1.example"])
def test_a_worker_says_that_it_is_healthy(visitor, host):
    """`/healthz` answers `ok` whatever the Host, since probes ask for a pod by its address; no cookie is set."""
    answer = visitor.get("/healthz", headers={"Host": host})
    assert (answer.text, answer.headers.get("Set-Cookie")) == ("ok", None)


def test_a_worker_says_whether_it_can_serve_turns(visitor):
    """`/readyz` has the state of each part, whatever the Host; the model's is that of the worker's last turn."""
    answer = visitor.get("/readyz", headers={"Host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (HTTPStatus.OK, None)
    found = answer.json()
    assert found.pop("model") in {"unknown", "ok", "failing"}
    assert found == {"status": "ready", "store": "ok", "memory": "ok"}


def test_every_response_names_its_server_and_forbids_foreign_scripts(site, visitor):
    """Pages, redirects and errors alike."""
    for path in ("/healthz", "/", "/nothing-here", "/s/a.b"):
        headers = visitor.get(path).headers
        assert headers["Served-By"] == f"web.1/{site.pids()['web.1']}"
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert path == "/healthz" or headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_everything_comes_from_the_site_and_nothing_is_inline(visitor):
    """Every script and style is a hashed file that may be cached permanently."""
    page = parse(visitor.get("/").text)
    addresses = [one.attributes["src"] for one in page.all("script")]
    addresses += [one.attributes["href"] for one in page.all("link")]
    assert len(addresses) >= 5
    for address in addresses:
        answer = visitor.get(address)
        assert answer.status_code == HTTPStatus.OK
        assert "immutable" in answer.headers["Cache-Control"]
    assert all(script.text == "" for script in page.all("script"))
    assert not [one for one in page.all() if {"style", "onclick", "onload"} & set(one.attributes)]


def test_files_are_served_without_a_word_in_the_log(site, visitor):
    """Django would warn of files, which are no asynchronous iterators."""
    script = parse(visitor.get("/").text).all("script")[0].attributes["src"]
    assert visitor.get(script).status_code == HTTPStatus.OK
    assert "Warning" not in site.log.read_text()


def test_the_default_address_of_the_icon_works(visitor):
    """Browsers request it for pages that name no icon."""
    icon = visitor.get("/favicon.ico", follow_redirects=True)
    assert icon.status_code == HTTPStatus.OK
    assert icon.headers["content-type"].startswith("image/svg+xml")


def test_no_header_moves_the_site(visitor):
    """Daphne believes a root path from anyone."""
    page = visitor.get("/s/trip", headers={"Daphne-Root-Path": "/s"})
    assert page.status_code == HTTPStatus.OK
    assert parse(page.text).all("a", id="new")[0].attributes["href"] == "/"


def test_a_body_that_is_too_large_is_refused_unread(site):
    """The answer comes before the body, which would otherwise be stored on the server's disk."""
    with socket.create_connection(("127.0.0.1", httpx.URL(site.url).port), 30 * PATIENCE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_unknown_addresses_lead_back(visitor):
    """The 404 page has a link to a new session."""
    answer = visitor.get("/nothing-here")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert parse(answer.text).links() == {"Start a new session": "/"}


def test_a_wrong_host_is_refused_with_a_sentence(site):
    """A user at a wrong host name reads what to do, and the log does not fill up."""
    before = site.log.read_text()
    answer = httpx.get(site.url, headers={"Host": "elsewhere.example"}, trust_env=False)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "use the site's own address" in parse(answer.text).all("main")[0].text
    assert "DisallowedHost" not in site.log.read_text().removeprefix(before)
