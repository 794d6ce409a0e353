"""The list of sessions: a page at a time, and after a deletion."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from chat.page.fragments import SESSIONS_A_PAGE
from tests.chat.page.views.sessions import delete, remember_own
from tests.support.html import parse


def test_a_page_of_a_visit_that_is_over_deletes_nothing(site, visitor):
    """Its session is not the one that the address names now."""
    remember_own(site, visitor, "kept")
    assert delete(visitor, "/s/kept/delete", **{"Page-Owner": "somebody-before"}).status_code == HTTPStatus.CONFLICT
    assert "kept" in parse(visitor.get("/").text).links()


def test_deleting_wants_a_token_of_the_site(visitor):
    """A foreign page cannot delete with the visitor's cookie."""
    visitor.get("/")
    refused = visitor.post("/s/trip/delete")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "reload the page and do it again" in refused.text
    assert parse(refused.text).links() == {"Begin a new session": "/"}
    assert visitor.get("/s/trip/delete").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_deleting_answers_with_the_list(site, visitor):
    """The page that shows the session is sent on; one that shows another is not."""
    for name in ("one", "two"):
        remember_own(site, visitor, name)
    kept = delete(visitor, "/s/one/delete", **{"HX-Request": "true", "HX-Current-URL": f"{site.url}/s/two"})
    (link,) = parse(kept.text).all("a")
    assert (link.text, link.attributes["aria-current"]) == ("two", "page")
    assert "HX-Location" not in kept.headers
    gone = delete(visitor, "/s/two/delete", **{"HX-Request": "true", "HX-Current-URL": f"{site.url}/s/two"})
    assert "No session yet." in gone.text
    place = {"target": "#session", "select": "#session", "swap": "outerHTML"}
    assert json.loads(gone.headers["HX-Location"]) == {"path": "/", **place}
    for answer in (kept, gone):
        assert json.loads(answer.headers["HX-Trigger"]) == {"stale": {"target": "body"}}


def test_long_lists_come_a_page_at_a_time(site, visitor):
    """The button brings the list with another page, and the last page has none."""
    for number in range(SESSIONS_A_PAGE + 2):
        remember_own(site, visitor, f"s{number}")
    first = parse(visitor.get("/").text)
    assert len(first.all("ul", id="sessions")[0].links()) == SESSIONS_A_PAGE
    (button,) = first.all("li", id="more-sessions")[0].all("button")
    rest = parse(visitor.get(button.attributes["hx-get"]).text)
    assert set(rest.links()) == {f"s{number}" for number in range(SESSIONS_A_PAGE + 2)}
    assert rest.all("button", of="wide") == []


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "1e9", "999999999999", "²", "9" * 5000])
def test_a_page_that_cannot_be_is_refused(visitor, page):
    """400, not an error of the memory server."""
    assert visitor.get("/sessions", params={"page": page}).status_code == HTTPStatus.BAD_REQUEST
