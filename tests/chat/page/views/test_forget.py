"""*Forget me* on a site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import AsyncRequestFactory

from chat.domain.exceptions import MemoryUnreachable
from chat.grants.credentials import Visit
from chat.page.views import forget
from chat.web.cookies import new_visit, new_visit_of
from chat.web.visitor import begin_visit
from tests.chat.page.views.sessions import remember_own
from tests.chat.page.views.test_account import (
    NewBrowser,
    browser as browser,  # a fixture
    owner,
    said_on,
    sessions,
    sign_in,
    sign_up,
    submit,
    who,
)
from tests.support.html import parse
from tests.support.servers import Site


def test_an_account_is_forgotten_with_all_that_was_said(site: Site, browser: NewBrowser) -> None:
    """The report says what was erased; other browsers are signed out, and the name belongs to nobody."""
    one, other = browser(), browser()
    for name in ("trip", "work"):
        remember_own(site, one, name)
    name = sign_up(one)
    sign_in(other, name)
    before = owner(one)
    asked = parse(one.get("/account/forget").text).all("main")[0]
    assert "2 sessions" in asked.text
    assert name in asked.text
    assert "/sessions/export?format=json" in asked.links().values()
    report = parse(submit(one, "forget", words="Forget me").text).all("dl", of="report")[0]
    assert [each.text for each in report.all("dd")] == ["2", "2", "0", "0", "erased"]
    for each in (one, other):
        assert (who(each), sessions(each)) == ("Visitor on this browser", [])
        assert owner(each) != before
    assert "The name or the password is wrong." in said_on(sign_in(one, name))


def test_a_visitor_is_forgotten_too(site: Site, browser: NewBrowser) -> None:
    """Without the words, nothing is erased."""
    one = browser()
    remember_own(site, one, "trip")
    assert "Nothing was erased." in said_on(submit(one, "forget", words="forget"))
    assert sessions(one) == ["trip"]
    said = said_on(submit(one, "forget", words="forget me"))
    assert "You are forgotten" in said
    assert "Account" not in said
    assert sessions(one) == []


@pytest.mark.parametrize("signed_in", [False, True])
async def test_what_could_not_be_erased_can_be_tried_again(signed_in: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a new visit of the same owner, since the one before may be over."""

    async def forget_owner(owner: str) -> None:
        raise MemoryUnreachable

    async def account_of_visit(visit: Visit) -> None:
        return None

    monkeypatch.setattr(forget, "forget_owner", forget_owner)
    monkeypatch.setattr(forget, "account_of_visit", account_of_visit)
    before = new_visit_of("anna") if signed_in else new_visit()
    request: Any = AsyncRequestFactory().post("/account/forget")
    begin_visit(request, before)
    assert (await forget._forgotten(request)).status_code == 503
    assert (request.visit.owner, request.visit.signed_in) == (before.owner, signed_in)
    assert request.visit.id != before.id
