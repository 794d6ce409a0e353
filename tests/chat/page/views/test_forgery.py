"""Requests without what proves that a page of this site has sent them."""

from __future__ import annotations

import pytest

from tests.support.cookies import csrf_token
from tests.support.html import parse

UNPROVEN = "Nothing was done: the request came without the token that every page of this site sends."
UNKNOWN = "The site does not know that it is reached at this address. Set CHAT_PUBLIC_URL to the address,"


def answer_to(visitor, *, by_script: bool, **headers: str):
    asked = {"HX-Request": "true"} if by_script else {}
    return visitor.post("/language", data={"language": "de"}, headers={**asked, **headers})


@pytest.mark.parametrize(("by_script", "beginning"), [(False, "<!doctype html>"), (True, "<hx-partial")])
def test_a_request_without_the_token_is_refused_with_the_reason(visitor, by_script, beginning):
    """The page's script gets a notice to show; a form gets a page."""
    visitor.get("/s/mine")
    refused = answer_to(visitor, by_script=by_script)
    assert (refused.status_code, refused.text.startswith(beginning)) == (403, True)
    assert UNPROVEN in parse(refused.text).text


def test_a_request_of_a_page_at_an_unknown_address_says_what_to_set(visitor):
    """Behind a proxy, the page's origin may not be the address that the site knows."""
    visitor.get("/s/mine")
    refused = answer_to(visitor, by_script=True, Origin="https://chat.lan", **{"X-CSRFToken": csrf_token(visitor)})
    assert (refused.status_code, UNKNOWN in parse(refused.text).text) == (403, True)
