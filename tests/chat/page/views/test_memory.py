"""Verbs on the memory of a visitor's session."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httpx
import pytest

from tests.chat.page.views.sessions import memory_id_on, remember
from tests.support.cookies import csrf_token
from tests.support.html import parse, places
from tests.support.servers import Site
from tests.support.staff import signed_in


@pytest.fixture
def memory_id(site: Site, visitor: httpx.Client) -> str:
    """A session of the visitor with eight messages, ids 1 to 8."""
    name = memory_id_on(parse(visitor.get("/s/trip").text))
    remember(site, name, *"abcdefgh")
    return name


def memory_of(site: Site, memory_id: str) -> Any:
    return httpx.get(f"{site.record()['memory']}/sessions/{memory_id}/memory", trust_env=False).json()


def post(visitor: httpx.Client, path: str, **form: str) -> httpx.Response:
    return visitor.post(path, data=form, headers={"X-CSRFToken": csrf_token(visitor), "HX-Request": "true"})


VERBS = ["/s/trip/summary/fold", "/s/trip/messages/2/fold"]


@pytest.mark.parametrize("path", VERBS)
def test_a_verb_needs_a_token_and_the_pages_own_visit(visitor, site, memory_id, path):
    """Neither another site's page nor one of an ended visit changes a memory; nor does a link."""
    assert visitor.post(path).status_code == HTTPStatus.FORBIDDEN
    ended = {"X-CSRFToken": csrf_token(visitor), "Page-Owner": "somebody-before"}
    assert visitor.post(path, headers=ended).status_code == HTTPStatus.CONFLICT
    assert visitor.get(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert len(memory_of(site, memory_id)["messages"]) == 8


def test_the_older_half_of_the_window_is_folded_on_demand(visitor, site, memory_id):
    """The summary covers it then."""
    assert post(visitor, "/s/trip/summary/fold").status_code == HTTPStatus.OK
    memory = memory_of(site, memory_id)
    assert memory["context"]
    assert memory["window"]["folded"] > 0


def test_messages_are_folded_up_to_any_of_them(visitor, site, memory_id):
    """That message is the last one in the summary."""
    assert post(visitor, "/s/trip/messages/2/fold").status_code == HTTPStatus.OK
    assert memory_of(site, memory_id)["window"]["folded"] == 2


@pytest.mark.parametrize(("message", "words"), [("99", "not in the session any more"), ("x", "malformed")])
def test_a_message_that_is_not_there_is_not_folded(visitor, memory_id, message, words):
    """The sentence is beside the message box."""
    refused = post(visitor, f"/s/trip/messages/{message}/fold")
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert words in places([refused.text])["#notice"].text


def test_an_error_is_beside_the_summary(visitor):
    """And in no second place."""
    visitor.get("/")
    refused = post(visitor, "/s/not.an.id/summary/fold")
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    there = places([refused.text])
    assert "malformed" in there["#memory-notice"].text
    assert there["#notice"].text == ""


def test_staff_can_do_nothing_to_a_memory(site, visitor, memory_id):
    """Their page of the session has no verbs."""
    own = visitor.get("/s/trip").text
    with signed_in(site, "viewer") as staff:
        theirs = staff.get("/any", params={"id": memory_id}).text
    for verb in ("data-fold ", "data-no-fold"):
        assert (verb in own, verb in theirs) == (True, False)
