"""A shared session, for those who have a link to it."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from django.test import AsyncRequestFactory

from chat.page.views import shared as views
from chat.web.page_limit import PageLimit
from tests.chat.page.views.sessions import memory_id_on, remember, remember_own
from tests.chat.page.views.test_shares import make_link
from tests.support.html import HOSTILE, parse
from tests.support.servers import Site


@pytest.fixture
def reader(site: Site) -> Iterator[httpx.Client]:
    """Somebody without any cookie."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60) as client:
        yield client


def shared(site: Site, visitor: httpx.Client, name: str, *said: str) -> str:
    """The path of a link to a new session, in which this was said after its name."""
    remember_own(site, visitor, name)
    remember(site, memory_id_on(parse(visitor.get(f"/s/{name}").text)), *said)
    return make_link(visitor, name)


def test_there_is_nothing_to_act_on(site: Site, visitor: httpx.Client, reader: httpx.Client) -> None:
    """No script, form or button; neither the owner's id nor anything of other sessions. No cookie is set."""
    remember_own(site, visitor, "another-session")
    link = shared(site, visitor, "Madrid", "**hi**", "- [ ] *hello*\n\n```\ncode\n```")
    owner = memory_id_on(parse(visitor.get("/s/Madrid").text)).split(".")[0]
    answer = reader.get(link)
    page = parse(answer.text)
    for name in ("script", "form", "iframe", "textarea", "object"):
        assert page.all(name) == []
    assert all("data-copy" in button.attributes for button in page.all("button"))  # hidden by the style sheet
    assert all("disabled" in box.attributes for box in page.all("input"))
    for private in (owner, "another-session", "hx-", "ws/", "Page-Owner"):
        assert private not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "<em>hello</em>" in answer.text
    assert "**hi**" in answer.text


def test_its_headers_keep_the_link_secret(site: Site, visitor: httpx.Client, reader: httpx.Client) -> None:
    """No address is passed on, nothing runs, and search engines keep away; also where the link has ended."""
    link = shared(site, visitor, "Madrid")
    for path, status in ((link, HTTPStatus.OK), (f"/shared/{'A' * 22}", HTTPStatus.NOT_FOUND)):
        answer = reader.get(path)
        assert answer.status_code == status
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'")
        assert "script-src" not in policy
        assert "no-store" in answer.headers["Cache-Control"]


def test_a_forged_link_is_as_one_that_has_ended(reader: httpx.Client) -> None:
    """Whatever it looks like."""
    said = {reader.get(f"/shared/{secret}").text for secret in ("x", "A" * 22, "%00", "A" * 5000, "<script>")}
    assert len(said) == 1
    assert "This link leads nowhere any more" in said.pop()
    assert reader.post("/shared/x").status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}


def test_messages_come_in_pages(site: Site, visitor: httpx.Client, reader: httpx.Client) -> None:
    """The newest first, with links to the others."""
    link = shared(site, visitor, "Madrid", *(f"message {number}" for number in range(70)))
    newest = parse(reader.get(link).text)
    (earlier,) = [each.attributes["href"] for each in newest.all("a") if each.text == "Earlier messages"]
    assert len(newest.all("li")) == 50
    first = parse(reader.get(link + earlier).text)
    assert "message 19" in first.text
    assert "message 21" not in first.text
    assert [each.attributes["href"] for each in first.all("a") if "messages" in each.text] == ["?"]
    assert reader.get(link, params={"before": "x" * 5000}).status_code == HTTPStatus.OK


def test_nothing_that_was_said_is_markup(site: Site, visitor: httpx.Client, reader: httpx.Client) -> None:
    """Neither the title nor a message."""
    text = reader.get(shared(site, visitor, "hostile", HOSTILE, HOSTILE)).text
    assert "<script" not in text
    assert "<hx-partial" not in text
    assert text.count("alert(1)") >= 2


async def test_readers_are_limited_by_their_address(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is loaded, and whatever cookies they have; the link is not passed on from there either."""
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    limit = PageLimit(per_visitor=0, per_address=1)
    limit.take(None, "192.0.2.1")
    monkeypatch.setattr(views, "page_limit", lambda: limit)
    monkeypatch.setattr(views, "network_of_request", lambda request: "192.0.2.1")
    refused = await views.shared(AsyncRequestFactory().get("/shared/x"), "x")
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused.headers["Referrer-Policy"] == "no-referrer"
    assert f"Try again in {refused['Retry-After']} seconds." in refused.text
