"""Pages of the current visit, and of one that has ended."""

from __future__ import annotations

from http import HTTPStatus

import httpx
import pytest

from tests.support.cookies import csrf_token
from tests.support.html import parse
from tests.support.servers import PATIENCE


@pytest.mark.parametrize("path", ["/", "/visit", "/s/trip", "/s/trip/earlier", "/sessions?page=1"])
def test_a_page_of_an_ended_visit_is_refused(visitor, path):
    """409 and what to do: with another owner in the cookie, the address means another session."""
    visitor.get("/favicon.ico")
    answer = visitor.get(path, headers={"Page-Owner": "somebody-before"})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Reload the page to go on" in parse(answer.text).all("hx-partial")[0].text


def test_a_page_of_the_current_visit_gets_an_empty_answer(visitor):
    """204 for the page's owner, and for a page that names none."""
    owner = parse(visitor.get("/").text).all("body")[0].attributes["data-owner"]
    for headers in ({"Page-Owner": owner}, {}):
        assert visitor.get("/visit", headers=headers).status_code == HTTPStatus.NO_CONTENT


def copy_of(visitor: httpx.Client) -> httpx.Client:
    """Another browser with the visitor's cookies."""
    return httpx.Client(base_url=visitor.base_url, cookies=visitor.cookies, trust_env=False, timeout=30 * PATIENCE)


def owner_on(browser: httpx.Client) -> str | None:
    """The owner of the page that the browser shows."""
    return parse(browser.get("/s/trip").text).all("body")[0].attributes["data-owner"]


@pytest.mark.parametrize("query", ["", "?everywhere=yes"])
def test_signing_out_takes_the_cookie_back(visitor, query):
    """The browser goes on as a new visitor, and so does one with a copy of the cookie."""
    owner = owner_on(visitor)
    with copy_of(visitor) as other:
        assert owner_on(other) == owner
        answer = visitor.post(f"/visit/end{query}", headers={"X-CSRFToken": csrf_token(visitor)})
        assert answer.headers["HX-Redirect"] == "/"
        assert len({owner, owner_on(visitor), owner_on(other)}) == 3


def test_signing_out_needs_a_csrf_token(visitor):
    """Another site's page cannot sign a visitor out."""
    owner = owner_on(visitor)
    assert visitor.post("/visit/end").status_code == HTTPStatus.FORBIDDEN
    assert visitor.get("/visit/end").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert owner_on(visitor) == owner


def test_a_page_of_an_ended_visit_signs_nobody_out(visitor):
    """The visit in the cookie is another one by now."""
    owner = owner_on(visitor)
    headers = {"X-CSRFToken": csrf_token(visitor), "Page-Owner": "somebody-before"}
    assert visitor.post("/visit/end", headers=headers).status_code == HTTPStatus.CONFLICT
    assert owner_on(visitor) == owner
