"""Verbs at one of the messages of a session."""

from __future__ import annotations

import json
from http import HTTPStatus

import httpx
import pytest

from tests.chat.page.views.sessions import delete as post, memory_id_on, remember
from tests.support.cookies import csrf_token
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


def test_a_fork_can_be_told_from_its_source_in_the_list(site, visitor):
    """Its title names the source, and can be changed like any other."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a trip", "b")
    forked = post(visitor, "/s/trip/messages/2/fork", **{"HX-Request": "true"})
    place = json.loads(forked.headers["HX-Location"])["path"]
    assert "<title>Fork of a trip" in visitor.get(place).text
    assert "<title>Fork of" not in visitor.get("/s/trip").text


def test_a_fork_from_a_message_that_is_not_there_is_refused(site, visitor):
    """With a sentence: it may have been replaced in another tab."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b")
    refused = post(visitor, "/s/trip/messages/7/fork")
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert "not in the session any more" in refused.text
    assert post(visitor, "/s/trip/messages/x/fork").status_code == HTTPStatus.BAD_REQUEST


def test_a_fork_is_made_by_the_sessions_own_page_only(site, visitor):
    """It needs a CSRF token, a page of this visit, and a session of the visitor."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b")
    assert visitor.post("/s/trip/messages/2/fork").status_code == HTTPStatus.FORBIDDEN
    foreign = post(visitor, "/s/trip/messages/2/fork", **{"Page-Owner": "somebody-before"})
    assert foreign.status_code == HTTPStatus.CONFLICT
    assert visitor.get("/s/trip/messages/2/fork").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def undo(visitor: httpx.Client, place: str, **fields: str) -> httpx.Response:
    """Put messages back behind this one, in the session "trip"."""
    headers = {"X-CSRFToken": csrf_token(visitor)}
    return visitor.post(f"/s/trip/messages/{place}/undo", data=fields, headers=headers)


def texts(visitor: httpx.Client) -> list[str]:
    """What the page of the session "trip" shows."""
    window = parse(visitor.get("/s/trip").text).all("ol", id="window")[0]
    return [text.text for text in window.all(of="text")]


def test_a_replacement_is_undone(site, visitor):
    """What was replaced is back behind the message, a stopped reply with its mark."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b", "c", "d")
    old = [{"reply": False, "text": "x"}, {"reply": True, "text": "y", "stopped": True}]
    answer = undo(visitor, "2", newest="4", said=json.dumps(old))
    assert "The former messages are back." in answer.text
    assert texts(visitor) == ["a", "b", "x", "y"]
    assert parse(visitor.get("/s/trip").text).all("ol", id="window")[0].all(of="badge")[0].text == "stopped"


def test_it_is_too_late_once_something_else_was_said(site, visitor):
    """It would be withdrawn as well. The sentence says so, and nothing changes."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b", "c", "d")
    refused = undo(visitor, "0", newest="2", said=json.dumps([{"reply": False, "text": "x"}]))
    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "can no longer be undone" in refused.text
    assert texts(visitor) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    "said", ["", "[]", "x", "{}", '[{"reply": 1, "text": "x"}]', '[{"reply": true, "text": " "}]', "[" * 9999]
)
def test_what_cannot_come_back_is_refused(site, visitor, said):
    """Nothing is withdrawn for nothing."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b")
    assert undo(visitor, "0", newest="2", said=said).status_code == HTTPStatus.BAD_REQUEST
    assert texts(visitor) == ["a", "b"]


def test_only_the_sessions_own_page_undoes(site, visitor):
    """It needs a CSRF token and a page of this visit."""
    remember(site, memory_id_on(parse(visitor.get("/s/trip").text)), "a", "b")
    fields = {"newest": "2", "said": '[{"reply": false, "text": "x"}]'}
    assert visitor.post("/s/trip/messages/0/undo", data=fields).status_code == HTTPStatus.FORBIDDEN
    headers = {"X-CSRFToken": csrf_token(visitor), "Page-Owner": "somebody-before"}
    assert visitor.post("/s/trip/messages/0/undo", data=fields, headers=headers).status_code == HTTPStatus.CONFLICT
    assert texts(visitor) == ["a", "b"]
