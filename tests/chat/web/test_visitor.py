"""Visitors, their cookies, and the end of a visit, over a real Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, override_settings

from chat.grants.credentials import Visit
from chat.grants.grants import Grants
from chat.web import visitor
from chat.web.asker import Asker, asker
from chat.web.cookies import new_visit_of, read_visit, sign_visit
from chat.web.visitor import OwnerMiddleware, begin_visit
from tests.chat.web.test_cookies import aged
from tests.support.grants import grants_in
from tests.support.links import process
from tests.support.servers import free_port

BOB = Visit("bob", "v1", 0)


@pytest.fixture(autouse=True)
async def grants(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Grants]:
    """The grants that the middleware asks."""
    async with process(redis_url) as worker:
        grants = grants_in(worker)
        monkeypatch.setattr(visitor, "components", lambda: SimpleNamespace(grants=grants))
        yield grants


async def visit(
    cookie: str | None = None, do: Any = None, path: str = "/", name: str = "", **headers: str
) -> HttpResponse:
    """The middleware's response to a request, with the owner as its body; ``do`` runs in the view."""

    async def view(request: Any) -> HttpResponse:
        if do:
            do(request)
        return HttpResponse(request.owner)

    request = AsyncRequestFactory().get(path, headers=headers)
    if cookie is not None:
        request.COOKIES[name or site.CHAT_OWNER_COOKIE] = cookie
    return await OwnerMiddleware(view)(request)


def visit_of(answer: HttpResponse) -> Visit:
    """The visit in the cookie that the response sets."""
    found = read_visit(answer.cookies[site.CHAT_OWNER_COOKIE].value)
    assert found is not None
    return found


async def test_a_first_visit_gets_an_owner_and_a_cookie_that_names_it():
    """The cookie of a first visit is HttpOnly, SameSite=Lax, and names the request's owner."""
    answer = await visit()
    assert visit_of(answer).owner == answer.text
    cookie = answer.cookies[site.CHAT_OWNER_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert int(cookie["max-age"]) == 365 * 86_400
    assert "Cookie" in answer["Vary"]


@override_settings(SESSION_COOKIE_SECURE=True, CHAT_OWNER_COOKIE="__Host-x-owner")
async def test_by_https_the_cookie_is_secure():
    """Otherwise browsers would refuse its name."""
    assert (await visit()).cookies["__Host-x-owner"]["secure"]


@pytest.mark.parametrize(
    ("cookie", "who"),
    [(sign_visit(BOB), Asker("bob", "203.0.113.9")), (None, Asker("203.0.113.9", "203.0.113.9"))],
    ids=["cookie", "no cookie"],
)
async def test_it_is_known_who_asks(cookie, who, monkeypatch):
    """By their cookie and address; without a cookie, by the address alone."""
    askers: list[Asker] = []
    monkeypatch.setattr(visitor, "network_of_request", lambda _: "203.0.113.9")
    await visit(cookie, lambda _: askers.append(asker()))
    assert askers == [who]


async def test_the_cookie_keeps_its_visit_without_being_sent_again():
    """A visitor with a recent cookie is the same owner, and gets no new cookie."""
    answer = await visit(sign_visit(BOB))
    assert (answer.text, answer.cookies) == ("bob", {})


async def test_a_visit_renews_a_cookie_that_has_aged(monkeypatch):
    """A cookie that is some days old is renewed for the same visit."""
    old = aged(BOB, timedelta(days=30), monkeypatch)
    renewed = visit_of(await visit(old))
    assert (renewed.owner, renewed.id) == ("bob", "v1")
    assert renewed.since > (read_visit(old) or renewed).since


async def test_a_cookie_of_an_earlier_version_keeps_its_owner():
    """The owner gets a cookie of today's name; the old one may be another site's by now, so it is left alone."""
    answer = await visit(sign_visit(Visit("bob", "", 0)), name="owner")
    assert answer.text == "bob"
    assert list(answer.cookies) == [site.CHAT_OWNER_COOKIE]
    assert visit_of(answer).id


@pytest.mark.parametrize("cookie", ["", "bob", "bob.v1:1:forged"])
async def test_a_cookie_that_is_not_ours_gives_a_new_owner(cookie):
    """A visitor with a tampered cookie is a new owner."""
    answer = await visit(cookie)
    assert visit_of(answer).owner == answer.text != "bob"


async def test_signing_out_of_the_admin_leaves_the_owner_behind(grants):
    """After signing out the browser belongs to a new owner, and a copy of the cookie to nobody."""

    def sign_out(request: HttpRequest) -> None:
        user_logged_out.send(sender=None, request=request, user=None)

    answer = await visit(sign_visit(BOB), sign_out, path="/admin/logout/")
    assert visit_of(answer).owner != "bob"
    assert await grants.visits.is_over(BOB)
    assert (await visit(sign_visit(BOB))).text != "bob"


async def test_a_view_can_begin_another_visit(grants):
    """The response then has its cookie."""
    answer = await visit(sign_visit(BOB), lambda request: begin_visit(request, Visit("eve", "v2", 0)))
    assert visit_of(answer).owner == "eve"


async def test_a_view_can_begin_another_visit_of_the_same_owner(grants):
    """The one before it is over."""
    answer = await visit(sign_visit(BOB), lambda request: begin_visit(request, new_visit_of("bob")))
    assert (visit_of(answer).owner, visit_of(answer).signed_in) == ("bob", True)
    assert await grants.visits.is_over(BOB)
    assert not await grants.visits.is_over(visit_of(answer))


async def test_a_visit_that_begins_after_all_others_were_ended_holds(grants):
    """Even within the same second."""

    async def sign_up(request: HttpRequest) -> HttpResponse:
        await grants.visits.end_all("bob")
        begin_visit(request, new_visit_of("bob"))
        return HttpResponse()

    request = AsyncRequestFactory().get("/")
    request.COOKIES[site.CHAT_OWNER_COOKIE] = sign_visit(BOB)
    answer = await OwnerMiddleware(sign_up)(request)
    assert (await visit(answer.cookies[site.CHAT_OWNER_COOKIE].value)).text == "bob"


async def test_a_page_of_an_ended_visit_begins_none(grants):
    """Its cookie could replace that of a visit which the browser has begun meanwhile."""
    await grants.visits.end(BOB)
    assert (await visit(sign_visit(BOB), **{"Page-Owner": "bob"})).cookies == {}
    assert (await visit(**{"Page-Owner": "bob"})).cookies


async def test_a_visit_that_was_ended_is_a_new_owners(grants):
    """The cookie was taken back, and is replaced."""
    await grants.visits.end(BOB)
    answer = await visit(sign_visit(BOB))
    assert visit_of(answer).owner == answer.text != "bob"


async def test_a_renewal_in_progress_does_not_outlive_the_visit(grants, monkeypatch):
    """A cookie that is being renewed while its owner signs out everywhere ends with the others."""
    answer = await visit(aged(BOB, timedelta(days=30), monkeypatch))
    await grants.visits.end_all("bob")
    assert await grants.visits.is_over(visit_of(answer))


@pytest.mark.parametrize("path", ["/admin/", "/api/ticket"])
async def test_elsewhere_nobody_becomes_a_visitor(path):
    """Neither the admin nor the API sets a cookie."""
    assert (await visit(path=path)).cookies == {}


async def test_without_redis_a_page_says_so_and_the_admin_works(monkeypatch, settings):
    """Nobody knows then whether the visit was ended, so its sessions are not shown."""
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    async with process(f"redis://127.0.0.1:{free_port()}") as worker:
        monkeypatch.setattr(visitor, "components", lambda: SimpleNamespace(grants=grants_in(worker)))
        answer = await visit(sign_visit(BOB))
        assert (answer.status_code, "store cannot be reached" in answer.text) == (503, True)
        assert (await visit(sign_visit(BOB), path="/admin/")).status_code == 200
        assert (await visit()).status_code == 200
