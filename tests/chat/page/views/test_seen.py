"""What the model saw, for the owner of its session."""

from __future__ import annotations

from http import HTTPStatus

import httpx
import pytest

from chat.domain.sentences import SENTENCES
from tests.chat.page.views.sessions import memory_id_on, remember
from tests.support.html import parse
from tests.support.staff import signed_in

UNKNOWN = SENTENCES["prompt_unknown"]


@pytest.mark.parametrize("path", ["turns/t1/prompt", "turns/a%3Ab/prompt", "messages/2/prompt", "messages/x/prompt"])
def test_what_is_not_known_is_said(site, visitor, path):
    """For a turn that never was, and a reply that another client has appended."""
    remember(site, memory_id_on(parse(visitor.get("/s/known").text)), "one", "two")
    answer = visitor.get(f"/s/known/{path}")
    assert (answer.status_code, parse(answer.text).text) == (HTTPStatus.OK, UNKNOWN)
    assert answer.headers["Cache-Control"].startswith("max-age=0")


def test_a_session_id_must_be_one(visitor):
    """Nothing is looked up under another."""
    for path in ("turns/t1/prompt", "messages/2/prompt"):
        assert visitor.get(f"/s/a.b/{path}").status_code == HTTPStatus.BAD_REQUEST


def test_a_page_of_another_visit_gets_nothing(visitor):
    """It learns that its visit is over."""
    for path in ("turns/t1/prompt", "messages/2/prompt"):
        answer = visitor.get(f"/s/mine/{path}", headers={"Page-Owner": "somebody"})
        assert answer.status_code == HTTPStatus.CONFLICT


def test_recent_replies_offer_it_to_their_owner_only(site, visitor):
    """Questions do not, and staff do not see more of a session than what is remembered."""
    memory_id = memory_id_on(parse(visitor.get("/s/recent").text))
    remember(site, memory_id, "one", "two")
    page = parse(visitor.get("/s/recent").text)
    assert len(page.all("button", **{"data-see": ""})) == 1
    assert page.all("dialog", id="seen")
    with signed_in(site, "viewer") as staff:
        seen = parse(staff.get("/any", params={"id": memory_id}).text)
        assert seen.all("li", of="reply")
        assert seen.all("button", **{"data-see": ""}) == seen.all("dialog", id="seen") == []


def test_nobody_else_gets_it(site, visitor):
    """A session id and a turn's id from somebody else name a turn that never was."""
    with httpx.Client(base_url=site.url, trust_env=False) as other:
        for path in ("turns/t1/prompt", "messages/2/prompt"):
            assert parse(other.get(f"/s/recent/{path}").text).text == UNKNOWN
