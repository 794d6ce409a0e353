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


VERBS = [
    "/s/trip/summary/fold",
    "/s/trip/summary",
    "/s/trip/summary/instructions",
    "/s/trip/summary/versions/1/restore",
    "/s/trip/messages/2/fold",
]


@pytest.mark.parametrize("path", VERBS)
def test_a_verb_needs_a_token_and_the_pages_own_visit(visitor, site, memory_id, path):
    """Neither another site's page nor one of an ended visit changes a memory; nor does a link."""
    assert visitor.post(path).status_code == HTTPStatus.FORBIDDEN
    ended = {"X-CSRFToken": csrf_token(visitor), "Page-Owner": "somebody-before"}
    assert visitor.post(path, headers=ended).status_code == HTTPStatus.CONFLICT
    assert visitor.get(path).status_code in {HTTPStatus.OK, HTTPStatus.METHOD_NOT_ALLOWED}
    assert len(memory_of(site, memory_id)["messages"]) == 8


def test_the_older_half_of_the_window_is_folded_on_demand(visitor, site, memory_id):
    """The summary covers it then."""
    assert post(visitor, "/s/trip/summary/fold").status_code == HTTPStatus.OK
    memory = memory_of(site, memory_id)
    assert memory["context"]
    assert memory["window"]["folded"] > 0


def test_a_fold_of_nothing_says_so(visitor, memory_id):
    """After one fold, the window is half full. The sentence is in the reader's language."""
    post(visitor, "/s/trip/summary/fold")
    for language, said in (("en", "nothing to fold yet"), ("de", "nichts zusammenzufassen")):
        visitor.headers["Accept-Language"] = language
        answer = post(visitor, "/s/trip/summary/fold")
        assert answer.status_code == HTTPStatus.OK
        assert said in places([answer.text])["#memory-notice"].text


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


def edit(visitor: httpx.Client) -> dict[str, str]:
    """The form of the editor: its text, and the tag of the summary."""
    form = parse(visitor.get("/s/trip/summary/edit").text)
    return {"context": form.all("textarea")[0].text, "tag": form.values("tag")[0]}


def test_the_summary_is_edited(visitor, site, memory_id):
    """The answer has the panel with the new text, in place of the editor."""
    post(visitor, "/s/trip/messages/4/fold")
    form = edit(visitor)
    assert form["context"] == memory_of(site, memory_id)["context"]
    answer = post(visitor, "/s/trip/summary", **form | {"context": "Better."})
    assert answer.status_code == HTTPStatus.OK
    assert places([answer.text])["#summary"].text == "Better."
    assert memory_of(site, memory_id)["context"] == "Better."


def test_an_edit_does_not_overwrite_what_it_has_not_seen(visitor, site, memory_id):
    """The answer compares the two, and the same text can then be saved over the newer summary."""
    post(visitor, "/s/trip/messages/4/fold")
    form = edit(visitor)
    post(visitor, "/s/trip/summary", **form | {"context": "Theirs."})
    refused = post(visitor, "/s/trip/summary", **form | {"context": "Mine."})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    there = places([refused.text])
    assert "changed since you began" in there["#memory-notice"].text
    assert [mark.text for mark in there["#summary-conflict"].all("del")] == ["this", "Theirs."]
    assert memory_of(site, memory_id)["context"] == "Theirs."
    (tag,) = there["#summary-tag"].values("tag")
    assert post(visitor, "/s/trip/summary", context="Mine.", tag=tag).status_code == HTTPStatus.OK
    assert memory_of(site, memory_id)["context"] == "Mine."


@pytest.mark.parametrize(("context", "words"), [(" ", "empty"), ("x" * 20_001, "at most 20,000")])
def test_a_summary_that_cannot_be_kept_is_refused_beside_it(visitor, memory_id, context, words):
    """The text stays in the editor, which the answer does not touch."""
    refused = post(visitor, "/s/trip/summary", **edit(visitor) | {"context": context})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert words in places([refused.text])["#memory-notice"].text
    assert list(places([refused.text])) == ["#memory-notice", "#notice"]


def test_a_version_is_compared_and_restored(visitor, site, memory_id):
    """The messages that it does not cover return to the window."""
    for message in (2, 4):
        post(visitor, f"/s/trip/messages/{message}/fold")
    newest, first = parse(visitor.get("/s/trip/summary/versions").text).all("li")
    assert newest.all("button") == []
    (restore,) = first.all("button")
    assert "2 folded messages return" in restore.attributes["hx-confirm"]
    assert parse(visitor.get("/s/trip/summary/versions/2").text).all("ins")
    assert post(visitor, restore.attributes["hx-post"]).status_code == HTTPStatus.OK
    assert memory_of(site, memory_id)["window"]["folded"] == 2


def test_a_version_that_is_not_there_is_not_found(visitor, memory_id):
    """The sentence is beside the summary."""
    missing = visitor.get("/s/trip/summary/versions/7")
    assert missing.status_code == HTTPStatus.NOT_FOUND
    assert "not kept any more" in places([missing.text])["#memory-notice"].text
    assert post(visitor, "/s/trip/summary/versions/7/restore").status_code == HTTPStatus.BAD_REQUEST


def test_instructions_are_given_and_removed(visitor, memory_id):
    """The form has those of before; too many are refused beside it, and nothing is changed."""
    saved = post(visitor, "/s/trip/summary/instructions", instructions="Answer in Spanish.")
    assert "next fold" in places([saved.text])["#instructions-state"].text
    refused = post(visitor, "/s/trip/summary/instructions", instructions="x" * 2_001)
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert "at most 2,000" in places([refused.text])["#memory-notice"].text
    form = parse(visitor.get("/s/trip/summary/instructions").text)
    assert form.all("textarea")[0].text == "Answer in Spanish."
    post(visitor, "/s/trip/summary/instructions", instructions="")
    assert parse(visitor.get("/s/trip/summary/instructions").text).all("textarea")[0].text == ""


@pytest.mark.parametrize("path", ["/edit", "/versions", "/versions/1", "/instructions", ""])
def test_a_memory_is_shown_to_the_pages_own_visit(visitor, memory_id, path):
    """A page of an ended visit learns nothing of the next visitor's sessions."""
    ended = visitor.get(f"/s/trip/summary{path}", headers={"Page-Owner": "somebody-before"})
    assert ended.status_code == HTTPStatus.CONFLICT


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
