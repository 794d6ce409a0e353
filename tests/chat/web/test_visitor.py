"""Visitors and their signed owner cookie."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory, override_settings

from chat.web.visitor import OwnerMiddleware, read_owner, sign_owner

HOUR = timedelta(hours=1)


def visit(request: HttpRequest, do: Any = None) -> HttpResponse:
    """The middleware's response to ``request``, with the owner as its body; ``do`` runs in the view."""

    def view(request: Any) -> HttpResponse:
        if do:
            do(request)
        return HttpResponse(request.owner)

    return OwnerMiddleware(view)(request)  # type: ignore[return-value]


def request(cookie: str | None = None) -> HttpRequest:
    made = RequestFactory().get("/")
    if cookie is not None:
        made.COOKIES[settings.CHAT_OWNER_COOKIE] = cookie
    return made


def aged(owner: str, days: float, monkeypatch: pytest.MonkeyPatch) -> str:
    """A cookie signed ``days`` ago."""
    now = time.time()
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: now - days * 86_400)
        return sign_owner(owner)


def test_a_first_visit_gets_an_owner_and_a_cookie_that_names_it():
    """The cookie of a first visit is signed, HttpOnly, SameSite=Lax, and names the request's owner."""
    answer = visit(request())
    cookie = answer.cookies[settings.CHAT_OWNER_COOKIE]
    assert read_owner(cookie.value) == answer.content.decode()
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert int(cookie["max-age"]) == 365 * 86_400
    assert "Cookie" in answer["Vary"]


def test_the_cookie_keeps_its_owner_without_being_sent_again():
    """A visitor with a recent cookie is the same owner, and gets no new cookie."""
    answer = visit(request(sign_owner("bob")))
    assert (answer.content, answer.cookies) == (b"bob", {})


def test_a_visit_renews_a_cookie_that_has_aged(monkeypatch):
    """A cookie that is some days old is renewed for the same owner."""
    answer = visit(request(aged("bob", 30, monkeypatch)))
    assert read_owner(answer.cookies[settings.CHAT_OWNER_COOKIE].value, HOUR) == "bob"


@pytest.mark.parametrize("cookie", ["", "bob", "bob:1:forged", "\x00", "bob:" * 3000])
def test_a_cookie_that_is_not_ours_gives_a_new_owner(cookie):
    """A visitor with a tampered cookie is a new owner."""
    answer = visit(request(cookie))
    assert answer.content != b"bob"
    assert answer.cookies[settings.CHAT_OWNER_COOKIE].value != cookie


def earlier(cookie: str) -> HttpRequest:
    """A request with a cookie of an earlier version, whose name was that of every site."""
    made = RequestFactory().get("/")
    made.COOKIES["owner"] = cookie
    return made


def test_a_cookie_of_an_earlier_version_keeps_its_owner():
    """The owner gets a cookie of today's name; the old one may be another site's by now, so it is left alone."""
    answer = visit(earlier(sign_owner("bob")))
    assert answer.content == b"bob"
    assert list(answer.cookies) == [settings.CHAT_OWNER_COOKIE]


def test_a_cookie_of_another_site_is_no_visit_here():
    """It is signed with another key."""
    with override_settings(SECRET_KEY="the key of another site"):
        foreign = sign_owner("bob")
    assert visit(earlier(foreign)).content != b"bob"


def test_the_cookie_of_the_site_comes_first():
    """The old one is read only without a new one, even an invalid one."""
    both = earlier(sign_owner("bob"))
    both.COOKIES[settings.CHAT_OWNER_COOKIE] = sign_owner("eve")
    assert visit(both).content == b"eve"
    both.COOKIES[settings.CHAT_OWNER_COOKIE] = "forged"
    assert visit(both).content != b"bob"


@override_settings(SESSION_COOKIE_SECURE=True, CHAT_OWNER_COOKIE="__Host-x-owner")
def test_by_https_no_other_name_counts():
    """Another host of the domain could have set it; the site's own cookie is bound to its host."""
    answer = visit(earlier(sign_owner("bob")))
    assert answer.content != b"bob"
    cookie = answer.cookies["__Host-x-owner"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_an_expired_cookie_gives_a_new_owner(monkeypatch):
    """After CHAT_OWNER_DAYS without a visit the visitor is a new owner."""
    assert visit(request(aged("bob", 366, monkeypatch))).content != b"bob"


def test_signing_out_leaves_the_owner_behind():
    """After signing out the browser belongs to a new owner."""

    def sign_out(request: HttpRequest) -> None:
        user_logged_out.send(sender=None, request=request, user=None)

    answer = visit(request(sign_owner("bob")), sign_out)
    assert read_owner(answer.cookies[settings.CHAT_OWNER_COOKIE].value) == answer.content.decode() != "bob"


async def test_the_middleware_serves_async_views():
    """With an async view the middleware awaits it and sets the cookie as well."""

    async def view(request: Any) -> HttpResponse:
        return HttpResponse(request.owner)

    answer = await OwnerMiddleware(view)(AsyncRequestFactory().get("/"))  # type: ignore[misc]
    assert read_owner(answer.cookies[settings.CHAT_OWNER_COOKIE].value) == answer.content.decode()
