"""Pages of the current visit, and of one that has ended."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.support.html import parse


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
