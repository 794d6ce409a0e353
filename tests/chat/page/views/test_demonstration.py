"""Ending processes from the page: what it does, and everyone for whom it does nothing."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.cookies import csrf_token
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site, wait_for_http

PATHS = ["/demonstration/processes", "/demonstration/kill", "/demonstration/restart"]


def post(visitor: httpx.Client, path: str, data: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
    """A request as the page sends it."""
    visitor.get("/s/trip")
    return visitor.post(path, data=data or {}, headers={"X-CSRFToken": csrf_token(visitor), **headers})


def worker(site: Site) -> dict[str, Any]:
    return {"name": "web.1", "pid": site.pids()["web.1"]}


def test_the_page_learns_which_processes_run(visitor, site: Site):
    """With their names and process ids, and whether memory answers."""
    answer = post(visitor, PATHS[0]).json()
    assert {each["name"]: each["pid"] for each in answer["processes"]} == site.pids()
    assert answer["memory"] is True


def test_the_worker_that_is_asked_to_kill_itself_answers_first(visitor, site: Site):
    """The answer says when it will end; the supervisor then starts another."""
    process = worker(site)
    answer = post(visitor, PATHS[1], process)
    assert answer.status_code == HTTPStatus.OK
    assert (answer.json()["name"], answer.json()["pid"]) == ("web.1", process["pid"])
    site.wait_for_new("web.1", process["pid"])
    wait_for_http(site, "/healthz")
    answer = post(visitor, PATHS[1], process)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "has ended already" in answer.json()["reason"]


def test_the_store_restarts_with_everything_in_it(visitor, site: Site):
    """It is asked to end, and started again."""
    old = site.pids()["valkey"]
    assert post(visitor, PATHS[2], {"name": "valkey", "pid": old}).status_code == HTTPStatus.OK
    site.wait_for_new("valkey", old)


@pytest.mark.parametrize("data", [{}, {"name": "web.1"}, {"name": "web.1", "pid": "-1"}, {"name": "x", "pid": "1"}])
def test_only_a_process_of_the_site_can_be_named(visitor, data: dict[str, Any]):
    """Anything else has ended already."""
    assert post(visitor, PATHS[1], data).status_code == HTTPStatus.CONFLICT


ATTACKS: list[dict[str, str]] = [
    {"Host": "chat.example.org"},
    {"Host": "localhost.example.org:80"},
    {"Origin": "https://evil.example.org"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "null"},
    {"X-CSRFToken": "x" * 64},
    {"X-CSRFToken": ""},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Host": "localhost"},
    {"X-Forwarded-Proto": "http"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"Via": "1.1 proxy"},
    {"Page-Owner": "somebody-else"},
]


@pytest.mark.parametrize("headers", ATTACKS, ids=str)
@pytest.mark.parametrize("path", PATHS)
def test_an_attacker_ends_nothing(visitor, site: Site, path: str, headers: dict[str, str]):
    """Neither a page of another site, nor one without a token, nor anybody behind a proxy."""
    before = site.pids()
    answer = post(visitor, path, worker(site), **headers)
    assert answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT}
    assert "web.1" not in answer.text
    assert site.pids() == before


@pytest.mark.parametrize("path", PATHS)
def test_a_link_ends_nothing(visitor, site: Site, path: str):
    """Only POST does."""
    before = site.pids()
    for method in ("GET", "HEAD"):
        answer = visitor.request(method, path, params=worker(site))
        assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert site.pids() == before


@pytest.mark.parametrize(
    "setting", [{"CHAT_KILL_DRAWER": "no"}, {"CHAT_PUBLIC_URL": "https://chat.example.org"}], ids=str
)
def test_where_it_is_off_it_is_not_there(tmp_path: Path, setting: dict[str, str]):
    """Neither the addresses nor the drawer exist, by choice or because others reach the site."""
    with (
        ScriptedOpenAI() as model,
        running(start_site(tmp_path, "--workers", "1", OPENAI_BASE_URL=model.url, **setting)) as site,
        httpx.Client(base_url=site.url, trust_env=False, timeout=30 * PATIENCE, follow_redirects=True) as visitor,
    ):
        assert isinstance(site, Site)
        for path in PATHS:
            assert visitor.get(path).status_code == HTTPStatus.NOT_FOUND
        if not setting.get("CHAT_PUBLIC_URL"):  # its cookies are for https only
            assert post(visitor, PATHS[1], worker(site)).status_code == HTTPStatus.NOT_FOUND
        assert "demonstration" not in visitor.get("/s/trip").text
