"""The running summary: read, edit, fold, versions, restore."""

from __future__ import annotations

import httpx
import pytest

from tests.chat.api.v1.callers import Caller, problem_of


@pytest.fixture
def summarised(caller: Caller) -> Caller:
    """A caller with a session of four messages, two of them in the summary."""
    caller.remember("trip", "hi im bob", "Hi Bob.", "bye", "Bye.")
    caller.post("/sessions/trip/summary/fold", json={"through": "2"}).raise_for_status()
    return caller


def edit(caller: Caller, text: str, tag: str | None) -> httpx.Response:
    headers = {"If-Match": tag} if tag else {}
    return caller.put("/sessions/trip/summary", json={"text": text}, headers=headers)


def test_a_summary_is_read_with_the_state_of_its_window(summarised: Caller):
    """And with the tag that an edit sends back."""
    answer = summarised.get("/sessions/trip/summary")
    summary = answer.json()
    assert (summary["folded"], summary["window"], summary["state"]) == (2, 2, "idle")
    assert summary["text"]
    assert answer.headers["ETag"].startswith('"')


def test_an_unknown_session_has_no_summary(caller: Caller):
    """A chat that is about to begin is not an error."""
    assert caller.get("/sessions/new/summary").json()["text"] is None


def test_a_summary_is_edited_under_its_tag(summarised: Caller):
    """The answer has the new one, and the tag for the next edit."""
    tag = summarised.get("/sessions/trip/summary").headers["ETag"]
    edited = edit(summarised, " Better. ", tag)
    assert edited.json()["text"] == "Better."
    assert edit(summarised, "Best.", edited.headers["ETag"]).json()["text"] == "Best."
    assert edit(summarised, "Whatever it is.", "*").json()["text"] == "Whatever it is."


def test_a_message_in_between_does_not_hinder_an_edit(summarised: Caller):
    """It changes the window and so the answer's tag, but not the summary."""
    before = summarised.get("/sessions/trip/summary").headers["ETag"]
    summarised.remember("trip", "more", "Yes.")
    known = summarised.get("/sessions/trip/summary", headers={"If-None-Match": before})
    assert (known.status_code, known.json()["window"]) == (200, 4)
    assert edit(summarised, "Better.", before).status_code == 200


def test_an_edit_does_not_overwrite_what_it_has_not_seen(summarised: Caller):
    """The refusal has both texts, and the tag with which another try succeeds."""
    tag = summarised.get("/sessions/trip/summary").headers["ETag"]
    edit(summarised, "Theirs.", tag)
    refused = edit(summarised, "Mine.", tag)
    document = problem_of(refused, 412)
    assert (document["code"], document["current"], document["yours"]) == ("summary_changed", "Theirs.", "Mine.")
    assert edit(summarised, "Mine.", refused.headers["ETag"]).json()["text"] == "Mine."


def test_an_edit_has_to_say_what_it_has_seen(summarised: Caller):
    """It could not be compared otherwise."""
    assert problem_of(edit(summarised, "Mine.", None), 428)["code"] == "unseen_summary"


@pytest.mark.parametrize(("text", "words"), [(" ", "empty"), ("x" * 20_001, "at most 20,000")])
def test_a_summary_that_cannot_be_kept_is_refused(summarised: Caller, text: str, words: str):
    """With a sentence."""
    document = problem_of(edit(summarised, text, "*"), 400)
    assert document["code"] == "invalid_details"
    assert words in document["detail"]


def test_the_older_half_is_folded_on_demand(caller: Caller):
    """Or everything up to a message, which may be named by its id."""
    for number in range(5):
        key = caller.remember("trip", f"q{number}", f"a{number}")
    assert caller.post("/sessions/trip/summary/fold", json={}).json()["window"] == 6
    assert caller.post("/sessions/trip/summary/fold", json={"through": f"{key}.message"}).json()["window"] == 1
    unknown = caller.post("/sessions/trip/summary/fold", json={"through": "99"})
    assert problem_of(unknown, 404)["code"] == "unknown_message"


def test_versions_are_listed_and_restored(summarised: Caller):
    """The newest first; messages that a version does not cover are in the window again."""
    summarised.post("/sessions/trip/summary/fold", json={"through": "4"}).raise_for_status()
    versions = summarised.get("/sessions/trip/summary/versions").json()["versions"]
    assert [(each["version"], each["source"], each["through"]) for each in versions] == [
        (2, "fold", "4"),
        (1, "fold", "2"),
    ]
    assert versions[1]["folded"] == {"first": "1", "last": "2", "count": 2}
    restored = summarised.post("/sessions/trip/summary/restore", json={"version": 1}).json()
    assert (restored["text"], restored["window"]) == (versions[1]["text"], 2)
    (newest,) = summarised.get("/sessions/trip/summary/versions", params={"limit": 1}).json()["versions"]
    assert newest["source"] == "restore"
    unknown = summarised.post("/sessions/trip/summary/restore", json={"version": 99})
    assert problem_of(unknown, 404)["code"] == "unknown_version"
