"""Searching a visitor's sessions."""

from __future__ import annotations

from http import HTTPStatus

import httpx

from tests.chat.page.views.sessions import memory_id_on, remember, remember_own
from tests.support.html import HOSTILE, assert_harmless, parse


def test_a_search_finds_ones_own_messages(site, visitor):
    """Others find nothing, and neither does a search without words."""
    remember_own(site, visitor, "honey")
    memory_id = memory_id_on(parse(visitor.get("/s/honey").text))
    remember(site, memory_id, f"bees {HOSTILE}", "they dance")
    answer = visitor.get("/search", params={"q": "BEES"}).text
    assert_harmless(answer, partials=0)
    assert parse(answer).all("mark")[0].text == "bees"
    assert parse(answer).all("a", of="hit")[0].attributes["href"] == "/s/honey#message-2"
    with httpx.Client(base_url=site.url, trust_env=False, follow_redirects=True) as somebody:
        assert somebody.get("/search", params={"q": "bees"}).text.count("Nothing is found") == 1
    assert visitor.get("/search", params={"q": " "}).text == ""


def test_a_page_of_an_ended_visit_finds_nothing(visitor):
    """It would show another visitor's messages."""
    visitor.get("/")
    refused = visitor.get("/search", params={"q": "bees"}, headers={"Page-Owner": "somebody-before"})
    assert refused.status_code == HTTPStatus.CONFLICT


def test_a_cursor_of_ones_own_making_is_refused(visitor):
    """With a sentence, not with an error of the server."""
    visitor.get("/")
    answer = visitor.get("/search", params={"q": "bees", "cursor": "nonsense"})
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}
    assert answer.text


def test_earlier_messages_are_loaded_up_to_one(site, visitor):
    """As many as it takes, and some before it; at most two hundred."""
    memory_id = memory_id_on(parse(visitor.get("/s/long").text))
    for _ in range(3):
        remember(site, memory_id, *[f"m{number}" for number in range(100)])
    for through, count in (("240", 66), ("1", 200), ("299", 30), ("nonsense", 30)):
        answer = visitor.get("/s/long/earlier", params={"before": "301", "through": through})
        assert len(parse(answer.text).all("li", of="message")) == count
