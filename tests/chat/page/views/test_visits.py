"""Pages of this visit, and of one that is over."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.support.html import parse


@pytest.mark.parametrize("path", ["/", "/visit", "/s/trip", "/s/trip/earlier", "/sessions?page=1"])
def test_a_page_of_a_visit_that_is_over_is_told_so(visitor, path):
    """Once the cookie names another owner the same address means something else: 409, and what to do."""
    visitor.get("/healthz")
    answer = visitor.get(path, headers={"Page-Owner": "somebody-before"})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Reload the page to go on" in parse(answer.text).all("hx-partial")[0].text


def test_a_page_of_the_visit_that_goes_on_is_told_nothing(visitor):
    """204 for the owner that the page was made for, and for a page that does not tell."""
    owner = parse(visitor.get("/").text).all("body")[0].attributes["data-owner"]
    for told in ({"Page-Owner": owner}, {}):
        assert visitor.get("/visit", headers=told).status_code == HTTPStatus.NO_CONTENT
