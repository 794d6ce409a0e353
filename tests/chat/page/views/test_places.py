"""Verbs at one of the messages of a session."""

from __future__ import annotations

import json
from http import HTTPStatus

from tests.chat.page.views.sessions import delete as post
from tests.chat.page.views.sessions import memory_id_on, remember
from tests.support.html import parse


def test_a_session_begins_at_a_message_of_another(site, visitor):
    """The page moves on to it; it has what was said up to that message, and the other one stays as it is."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b", "c", "d")
    forked = post(visitor, "/s/trip/messages/2/fork", **{"HX-Request": "true"})
    place = json.loads(forked.headers["HX-Location"])
    assert place.items() >= {"target": "#session", "select": "#session", "swap": "outerHTML"}.items()
    assert json.loads(forked.headers["HX-Trigger"]) == {"stale": {"target": "body"}}
    assert [text.text for text in parse(visitor.get(place["path"]).text).all(of="text")[:2]] == ["a", "b"]
    assert [text.text for text in parse(visitor.get("/s/trip").text).all(of="text")[:4]] == ["a", "b", "c", "d"]


def test_a_fork_from_a_message_that_is_not_there_is_refused(site, visitor):
    """With a sentence: it may have been replaced in another tab."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b")
    refused = post(visitor, "/s/trip/messages/7/fork")
    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "not in the session any more" in refused.text
    assert post(visitor, "/s/trip/messages/x/fork").status_code == HTTPStatus.BAD_REQUEST


def test_a_fork_is_made_by_the_sessions_own_page_only(site, visitor):
    """It needs a CSRF token, a page of this visit, and a session of the visitor."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b")
    assert visitor.post("/s/trip/messages/2/fork").status_code == HTTPStatus.FORBIDDEN
    foreign = post(visitor, "/s/trip/messages/2/fork", **{"Page-Owner": "somebody-before"})
    assert foreign.status_code == HTTPStatus.CONFLICT
    assert visitor.get("/s/trip/messages/2/fork").status_code == HTTPStatus.METHOD_NOT_ALLOWED
