"""The list of a visitor's sessions: further pages, and deletion."""

from __future__ import annotations

import json
from http import HTTPStatus

import httpx
import pytest

from chat.page.fragments import SESSIONS_A_PAGE
from tests.chat.page.views.sessions import delete, remember_own
from tests.support.cookies import csrf_token
from tests.support.html import HOSTILE, assert_harmless, parse, places


def test_a_page_of_an_ended_visit_deletes_nothing(site, visitor):
    """The address now names another session than the one on the page."""
    remember_own(site, visitor, "kept")
    assert delete(visitor, "/s/kept/delete", **{"Page-Owner": "somebody-before"}).status_code == HTTPStatus.CONFLICT
    assert "kept" in parse(visitor.get("/").text).links()


def test_deleting_needs_a_csrf_token(visitor):
    """Another site's page cannot delete with the visitor's cookie."""
    visitor.get("/")
    refused = visitor.post("/s/trip/delete")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "reload the page and try again" in refused.text
    assert parse(refused.text).links() == {"Start a new session": "/"}
    assert visitor.get("/s/trip/delete").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_deleting_returns_the_list(site, visitor):
    """A page that shows the deleted session moves on to a new one; other pages stay."""
    for name in ("one", "two"):
        remember_own(site, visitor, name)
    kept = delete(visitor, "/s/one/delete", **{"HX-Request": "true", "HX-Current-URL": f"{site.url}/s/two"})
    (link,) = parse(kept.text).all("a")
    assert (link.text, link.attributes["aria-current"]) == ("two", "page")
    assert "HX-Location" not in kept.headers
    gone = delete(visitor, "/s/two/delete", **{"HX-Request": "true", "HX-Current-URL": f"{site.url}/s/two"})
    assert "No sessions yet." in gone.text
    place = {"target": "#session", "select": "#session", "swap": "outerHTML"}
    assert json.loads(gone.headers["HX-Location"]) == {"path": "/", **place}
    for answer in (kept, gone):
        assert json.loads(answer.headers["HX-Trigger"]) == {"stale": {"target": "body"}}


@pytest.mark.parametrize("page", ["https://chat.example.org/s/one", "http://localhost/s/one", "/s/one"])
def test_a_page_is_known_by_its_path(site, visitor, page):
    """Behind a proxy, its scheme and host can differ from those of the request."""
    remember_own(site, visitor, "one")
    gone = delete(visitor, "/s/one/delete", **{"HX-Request": "true", "HX-Current-URL": page})
    assert json.loads(gone.headers["HX-Location"])["path"] == "/"


def test_a_page_with_an_invalid_address_deletes_all_the_same(site, visitor):
    """It shows no session, so it stays where it is."""
    remember_own(site, visitor, "one")
    gone = delete(visitor, "/s/one/delete", **{"HX-Request": "true", "HX-Current-URL": "http://[/s/one"})
    assert (gone.status_code, gone.headers.get("HX-Location")) == (HTTPStatus.OK, None)
    assert "one" not in parse(visitor.get("/").text).links()


def test_long_lists_come_a_page_at_a_time(site, visitor):
    """The button loads the list with one more page; on the last page there is no button."""
    for number in range(SESSIONS_A_PAGE + 2):
        remember_own(site, visitor, f"s{number}")
    first = parse(visitor.get("/").text)
    assert len(first.all("ul", id="sessions")[0].links()) == SESSIONS_A_PAGE
    (button,) = first.all("li", id="more-sessions")[0].all("button")
    rest = parse(visitor.get(button.attributes["hx-get"]).text)
    assert set(rest.links()) == {f"s{number}" for number in range(SESSIONS_A_PAGE + 2)}
    assert rest.all("button", of="wide") == []


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "1e9", "999999999999", "²", "9" * 5000])
def test_an_invalid_page_number_is_refused(visitor, page):
    """400; the memory server is not asked."""
    assert visitor.get("/sessions", params={"page": page}).status_code == HTTPStatus.BAD_REQUEST


def test_a_session_is_renamed_pinned_and_labelled(site, visitor):
    """The answer is the list with the change, and has the title of the open session."""
    for name in ("one", "two"):
        remember_own(site, visitor, name)
    renamed = change(visitor, "one", site.url, title=f" {HOSTILE} ")
    assert_harmless(renamed.text, partials=2)
    assert places([renamed.text])["#title"].text == HOSTILE
    assert json.loads(renamed.headers["HX-Trigger"]) == {"stale": {"target": "body"}}
    pinned = parse(change(visitor, "one", site.url, pinned="yes", labels="work, , travel,work").text)
    assert pinned.all("a")[0].text == HOSTILE
    assert [label.text for label in pinned.all(of="label")] == ["work", "travel"]
    unpinned = parse(change(visitor, "one", site.url, pinned="no", title="").text)
    assert [link.text for link in unpinned.all("a")] == ["two", "one"]


def test_a_detail_that_is_too_long_is_refused_with_a_sentence(site, visitor):
    """Nothing is changed."""
    remember_own(site, visitor, "one")
    refused = change(visitor, "one", site.url, title="x" * 201)
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert "The title has 201 characters; at most 200 are allowed." in refused.text


def test_only_ones_own_sessions_are_changed(site, visitor):
    """A foreign id names an unknown session of one's own; a forged request and an ended visit change nothing."""
    remember_own(site, visitor, "one")
    with httpx.Client(base_url=site.url, trust_env=False) as somebody:
        somebody.get("/", follow_redirects=True)
        assert change(somebody, "one", site.url, title="mine").status_code == HTTPStatus.BAD_REQUEST
    assert visitor.post("/s/one/details", data={"title": "forged"}).status_code == HTTPStatus.FORBIDDEN
    ended = change(visitor, "one", site.url, {"Page-Owner": "somebody-before"}, title="late")
    assert ended.status_code == HTTPStatus.CONFLICT
    assert "one" in parse(visitor.get("/").text).links()


def change(visitor: httpx.Client, name: str, site: str, headers: dict[str, str] | None = None, /, **form: str):
    sent = {"HX-Request": "true", "HX-Current-URL": f"{site}/s/{name}", "X-CSRFToken": csrf_token(visitor)}
    return visitor.post(f"/s/{name}/details", data=form, headers=sent | (headers or {}))
