"""A visitor's own sessions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httpx
import pytest
from django.test import AsyncRequestFactory

from chat.grants.credentials import Visit
from chat.page.views import pages, visitor as views
from chat.web.page_limit import PageLimit
from tests.chat.page.views.sessions import memory_id_on, remember
from tests.support.html import parse


def test_the_first_page_is_a_new_session_of_the_visitor(visitor):
    """The home page redirects to it, and may not be cached."""
    answer = visitor.get("/")
    page = parse(answer.text)
    session_id = answer.url.path.removeprefix("/s/")
    assert memory_id_on(page).endswith(f".{session_id}")
    assert page.all("h1")[0].text == "New session"
    assert answer.headers["Cache-Control"].startswith("max-age=0")


def test_the_cookie_holds_a_name_and_a_signature(site, visitor):
    """There is no other cookie, and no Django session."""
    visitor.get("/")
    assert set(visitor.cookies) <= {site.cookies.owner, site.cookies.csrf}


def test_another_visitor_has_another_session_of_the_same_name(site, visitor):
    """A session id from somebody else names an empty session."""
    remember(site, memory_id_on(parse(visitor.get("/s/same").text)), "secret", "kept")
    with httpx.Client(base_url=site.url, trust_env=False) as other:
        assert "secret" not in other.get("/s/same").text


def test_a_message_can_be_had_as_it_was_written(site, visitor):
    """The whole of it, as text, folded or not; by its visitor only."""
    long = "**much** <b>\n\t" * 50_000
    remember(site, memory_id_on(parse(visitor.get("/s/whole").text)), "tell me", long)
    answer = visitor.get("/s/whole/messages/2")
    assert answer.text == long
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with httpx.Client(base_url=site.url, trust_env=False) as other:
        assert other.get("/s/whole/messages/2").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("message", ["3", "0", "-1", "x", "%32%32%32", "٢"])
def test_a_message_that_is_not_there_is_not_found(site, visitor, message):
    """Whatever stands in its place."""
    remember(site, memory_id_on(parse(visitor.get("/s/few").text)), "one", "two")
    assert visitor.get(f"/s/few/messages/{message}").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(("view", "more"), [(views.session_page, ()), (views.earlier, ()), (views.message, ("1",))])
async def test_whatever_loads_a_session_counts_as_a_page(settings, monkeypatch, view, more):
    """None of the addresses evades the limit on pages a minute."""
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    limit = PageLimit(per_visitor=1, per_address=0)
    limit.take("bob", None)
    monkeypatch.setattr(pages, "page_limit", lambda: limit)
    request: Any = AsyncRequestFactory().get("/s/trip")
    request.owner, request.known_visit, request.htmx = "bob", Visit("bob", "v", 0), False
    assert (await view(request, "trip", *more)).status_code == HTTPStatus.TOO_MANY_REQUESTS
