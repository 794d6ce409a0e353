"""Lists of sessions, their details, deletion and forks."""

from __future__ import annotations

import pytest

from tests.chat.api.v1.callers import Caller, problem_of


def ids(page: dict) -> list[str]:
    return [session["id"] for session in page["sessions"]]


def test_sessions_are_listed_the_newest_first_behind_pinned_ones(caller: Caller):
    """Each with its details."""
    for name in ("one", "two", "three"):
        caller.remember(name, f"About {name}", "Yes.")
    caller.patch("/sessions/one", json={"pinned": True})
    page = caller.get("/sessions").json()
    assert (ids(page), page["cursor"]) == (["one", "three", "two"], None)
    session = page["sessions"][1]
    assert {key: session[key] for key in ("id", "title", "messages", "pinned", "labels")} == {
        "id": "three", "title": "About three", "messages": 2, "pinned": False, "labels": [],
    }  # fmt: skip
    assert session["updated_at"] >= session["created_at"]


def test_a_list_continues_at_its_cursor(caller: Caller):
    """Also where the session at which it ended was written to, or deleted, meanwhile."""
    for number in range(5):
        caller.remember(f"s{number}", "hi", "Hello.")
    first = caller.get("/sessions", params={"limit": 2}).json()
    assert ids(first) == ["s4", "s3"]
    rest = {"limit": 3, "cursor": first["cursor"]}
    assert caller.get("/sessions", params=rest).json() == {
        "sessions": caller.get("/sessions").json()["sessions"][2:], "cursor": None,
    }  # fmt: skip
    caller.delete("/sessions/s3")
    assert ids(caller.get("/sessions", params=rest).json()) == ["s2", "s1", "s0"]


@pytest.mark.parametrize(("words", "found"), [("rome TRIP", ["a"]), ("work", ["b"]), ("nowhere", [])])
def test_a_list_is_searched_by_title_and_label(caller: Caller, words: str, found: list[str]):
    """All words have to be there, in any order and case."""
    caller.remember("a", "A trip to Rome", "Nice.")
    caller.remember("b", "Else", "Yes.")
    caller.patch("/sessions/b", json={"labels": ["Work"]})
    assert ids(caller.get("/sessions", params={"q": words}).json()) == found


@pytest.mark.parametrize("cursor", ["x", "é", "WzFd", "bnVsbA", "W3RydWUsMCwi7aCAIl0"])
def test_a_foreign_cursor_is_refused(caller: Caller, cursor: str):
    """With a sentence."""
    document = problem_of(caller.get("/sessions", params={"cursor": cursor}), 400)
    assert (document["code"], document["detail"]) == (
        "invalid_request", "This cursor was not made by this list. Begin without one.",
    )  # fmt: skip


def test_details_are_changed_one_by_one(caller: Caller):
    """Those that are not named stay; null removes one."""
    caller.remember("trip", "hi im bob", "Hi Bob.")
    changed = caller.patch("/sessions/trip", json={"title": " Rome ", "labels": ["a", "", "a"], "pinned": True}).json()
    assert (changed["title"], changed["labels"], changed["pinned"]) == ("Rome", ["a"], True)
    caller.patch("/sessions/trip", json={"instructions": "Answer in Spanish."})
    changed = caller.patch("/sessions/trip", json={"title": None, "labels": None}).json()
    assert (changed["title"], changed["labels"]) == ("hi im bob", [])
    assert caller.get("/sessions/trip").json() == changed
    assert changed["instructions"] == "Answer in Spanish."


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"title": "x" * 201}, "invalid_details", "at most 200"),
        ({"labels": [str(number) for number in range(9)]}, "invalid_details", "at most 8 labels"),
        ({"pinned": "perhaps"}, "invalid_request", "The field 'pinned' must be true or false."),
        ({"name": "x"}, "invalid_request", "The field 'name' is not a field of this call."),
        ({"title": 1, "labels": 2}, "invalid_request", "There is one more mistake."),
    ],
)
def test_details_that_cannot_be_kept_are_refused(caller: Caller, changes: dict, code: str, words: str):
    """With a sentence about the first mistake."""
    caller.remember("trip", "hi", "Hello.")
    document = problem_of(caller.patch("/sessions/trip", json=changes), 400)
    assert document["code"] == code
    assert words in document["detail"]


@pytest.mark.parametrize("session", ["a.b", "x" * 65, "%20"])
def test_a_malformed_id_is_refused(caller: Caller, session: str):
    """By every call."""
    for answer in (caller.get(f"/sessions/{session}"), caller.delete(f"/sessions/{session}")):
        assert problem_of(answer, 400)["code"] == "invalid_session"


def test_an_unknown_session_has_no_details(caller: Caller):
    """Nor can they be changed: that would create it."""
    for answer in (
        caller.get("/sessions/new"),
        caller.patch("/sessions/new", json={"title": "x"}),
        caller.post("/sessions/new/fork", json={"through": "1"}),
        caller.get("/sessions/new/export"),
        caller.put("/sessions/new/summary", json={"text": "x"}, headers={"If-Match": "*"}),
    ):
        assert problem_of(answer, 404)["code"] == "unknown_session"
    assert ids(caller.get("/sessions").json()) == []


def test_a_session_is_deleted(caller: Caller):
    """Whether or not it is there."""
    caller.remember("trip", "hi", "Hello.")
    for _ in range(2):
        assert caller.delete("/sessions/trip").status_code == 204
    assert problem_of(caller.get("/sessions/trip"), 404)
    assert caller.memory("trip")["messages"] == []


def test_a_session_is_forked_at_a_message(caller: Caller):
    """Named by its id or its number; the new one begins as this one was there."""
    key = caller.remember("trip", "hi im bob", "Hi Bob.")
    caller.remember("trip", "bye", "Bye.")
    forked = caller.post("/sessions/trip/fork", json={"through": f"{key}.reply", "to": "other"})
    assert (forked.status_code, forked.headers["Location"]) == (201, "/api/v1/sessions/other")
    assert forked.json() == caller.get("/sessions/other").json()
    assert caller.texts("other") == ["hi im bob", "Hi Bob."]
    again = caller.post("/sessions/trip/fork", json={"through": "2", "to": "other"})
    assert again.status_code == 201
    taken = caller.post("/sessions/trip/fork", json={"through": "1", "to": "other"})
    assert problem_of(taken, 409)["code"] == "session_exists"
    assert caller.post("/sessions/trip/fork", json={"through": "1"}).json()["id"] not in {"trip", "other"}
    assert problem_of(caller.post("/sessions/trip/fork", json={"through": "9"}), 404)["code"] == "unknown_message"
