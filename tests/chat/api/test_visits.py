"""Visits of another site's pages, over a real Valkey."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory

from chat.api import visits
from chat.api.v1.middleware import ApiMiddleware
from chat.grants.credentials import Visit
from chat.grants.grants import Grants
from chat.web.cookies import read_visit, sign_visit
from chat.web.page_limit import PageLimit
from tests.support.grants import grants_in
from tests.support.links import process
from tests.support.servers import free_port

APP = "https://app.example.net"
BOB = Visit("bob", "v1", 0)


@pytest.fixture(autouse=True)
async def grants(redis_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Grants]:
    """The grants that the view asks; the site has an https address, and one other origin is allowed."""
    settings.CHAT_ALLOWED_ORIGINS, settings.SESSION_COOKIE_SECURE = [APP], True
    settings.CHAT_OWNER_COOKIE, settings.CHAT_FRONTEND_COOKIE = "__Host-x-owner", "__Host-x-frontend"
    async with process(redis_url) as worker:
        grants = grants_in(worker)
        monkeypatch.setattr(visits, "components", lambda: SimpleNamespace(grants=grants))
        yield grants


async def asked(
    method: str = "POST", origin: str = APP, site: str = "cross-site", path: str = "", **cookies: str
) -> HttpResponse:
    """The answer to a page of ``origin``; ``cookies`` are ``owner`` and ``frontend``."""
    headers = {"Origin": origin, "Sec-Fetch-Site": site}
    request = AsyncRequestFactory().generic(
        method, f"/api/v1/visit{path}", headers={name: value for name, value in headers.items() if value}
    )
    request.COOKIES.update({f"__Host-x-{name}": value for name, value in cookies.items()})
    return await ApiMiddleware(visits.visit)(request)


def frontend_cookie(answer: HttpResponse) -> tuple[Visit | None, set[str]]:
    """The visit in the cookie for another site, and the cookie's attributes."""
    pair, *attributes = answer["Set-Cookie"].split("; ")
    return read_visit(pair.removeprefix("__Host-x-frontend=")), set(attributes)


async def test_a_page_of_another_site_gets_a_cookie_of_its_own():
    """It cannot replace the visitor's, and only the allowed origin may read the answer."""
    answer = await asked()
    visit, attributes = frontend_cookie(answer)
    assert answer.status_code == 204
    assert visit is not None
    assert attributes >= {"Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"}
    assert answer["Access-Control-Allow-Origin"] == APP
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert {"Origin", "Cookie"} <= set(answer["Vary"].split(", "))
    assert not answer.cookies


@pytest.mark.parametrize("site", ["same-site", "same-origin"])
async def test_a_page_of_the_same_site_gets_the_visitors_cookie(site: str):
    """Browsers send that one from there."""
    answer = await asked(site=site)
    assert "Set-Cookie" not in answer.headers
    assert answer.cookies["__Host-x-owner"]["samesite"] == "Lax"


@pytest.mark.parametrize("name", ["owner", "frontend"])
async def test_a_known_visit_goes_on(grants: Grants, name: str):
    """There is no new cookie until the visit is ended."""
    known = {name: sign_visit(BOB)}
    answer = await asked(**known)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (204, False)
    await grants.visits.end(BOB)
    visit, _ = frontend_cookie(await asked(**known))
    assert visit is not None
    assert visit.owner != "bob"


async def test_an_ended_visit_is_replaced_even_beside_another(grants: Grants):
    """Of two cookies the visitor's own opens the websocket, so the other cannot stand in for it."""
    await grants.visits.end(BOB)
    answer = await asked(site="same-site", owner=sign_visit(BOB), frontend=sign_visit(Visit("eve", "v2", 0)))
    new = read_visit(answer.cookies["__Host-x-owner"].value)
    assert new is not None
    assert new.owner not in {"bob", "eve"}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_other_pages_get_nothing(grants: Grants, method: str, origin: str):
    """Neither a cookie nor an answer that they could read; and they end nobody's visit."""
    answer = await asked(method, origin, frontend=sign_visit(BOB))
    assert answer.status_code == 403
    assert json.loads(answer.content)["error"].startswith("Pages of this origin may not connect.")
    assert not {"Set-Cookie", "Access-Control-Allow-Origin"} & set(answer.headers)
    assert not await grants.visits.is_over(BOB)


@pytest.mark.parametrize("path", ["", "?everywhere=yes"])
async def test_a_page_ends_its_visit(grants: Grants, path: str):
    """The cookie is taken back and removed; the owner's other visits end only everywhere."""
    answer = await asked("DELETE", path=path, frontend=sign_visit(BOB))
    assert (answer.status_code, "Max-Age=0" in answer["Set-Cookie"]) == (204, True)
    assert await grants.visits.is_over(BOB)
    assert await grants.visits.is_over(Visit("bob", "v2", 0)) is bool(path)


async def test_without_https_a_page_of_another_site_is_sent_to_tickets(settings: Any):
    """Browsers would drop the cookie; one of the same site, or from a browser that does not say, is set."""
    settings.SESSION_COOKIE_SECURE = False
    refused = await asked()
    assert (refused.status_code, json.loads(refused.content)["error"].endswith("Use a ticket.")) == (403, True)
    assert (await asked(site="")).cookies["__Host-x-owner"].value
    assert (await asked(site="same-site")).cookies["__Host-x-owner"].value


async def test_new_visits_are_limited(monkeypatch: pytest.MonkeyPatch):
    """They count as pages of a browser that refuses cookies."""
    limit = PageLimit(per_visitor=1, per_address=0)
    monkeypatch.setattr(visits, "page_limit", lambda: limit)
    monkeypatch.setattr(visits, "network_of_request", lambda _: "93.184.216.34")
    assert (await asked()).status_code == 204
    assert (await asked()).status_code == 429


async def test_without_redis_a_visit_is_not_replaced(monkeypatch: pytest.MonkeyPatch):
    """It may still be good."""
    async with process(f"redis://127.0.0.1:{free_port()}") as worker:
        monkeypatch.setattr(visits, "components", lambda: SimpleNamespace(grants=grants_in(worker)))
        assert (await asked(frontend=sign_visit(BOB))).status_code == 503
