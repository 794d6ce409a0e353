"""Messages in the AI SDK's shape, and rewinding."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chat.api.v1.callers import Caller, problem_of


def page(caller: Caller, **query: str | int) -> Any:
    return caller.get("/sessions/trip/messages", params=query).raise_for_status().json()


def texts(found: dict) -> list[str]:
    return [message["parts"][0]["text"] for message in found["messages"]]


def test_messages_have_the_shape_and_the_ids_of_the_stream(caller: Caller):
    """The reply has the id that the websocket gives it, and both name their turn."""
    key = caller.remember("trip", "hi im bob", "Hi Bob.")
    mine, reply = page(caller)["messages"]
    assert (mine["id"], reply["id"]) == (f"{key}.message", f"{key}.reply")
    assert (mine["role"], reply["role"]) == ("user", "assistant")
    assert reply["parts"] == [{"type": "text", "text": "Hi Bob.", "state": "done"}]
    created = reply["metadata"].pop("createdAt")
    assert created.startswith("20")
    assert created.endswith("Z")
    assert reply["metadata"] == {"number": "2", "turnId": key, "stopped": False}


def test_a_stopped_reply_has_no_mark_in_its_text(caller: Caller):
    """It is in the metadata instead."""
    caller.remember("trip", "go on", "So far\n\n[stopped]")
    _, reply = page(caller)["messages"]
    assert reply["parts"][0]["text"] == "So far"
    assert reply["metadata"]["stopped"] is True


def test_messages_come_page_by_page(caller: Caller):
    """Also those that are in the summary."""
    for number in range(4):
        caller.remember("trip", f"q{number}", f"a{number}")
    caller.post("/sessions/trip/summary/fold", json={"through": "6"}).raise_for_status()
    newest = page(caller, limit=3)
    assert (texts(newest), newest["before"]) == (["a2", "q3", "a3"], "6")
    older = page(caller, limit=3, before=newest["before"])
    assert texts(older) == ["q1", "a1", "q2"]
    oldest = page(caller, before=older["before"])
    assert (texts(oldest), oldest["before"]) == (["q0", "a0"], None)


def test_an_unknown_session_has_no_messages(caller: Caller):
    """A chat that is about to begin is not an error."""
    assert page(caller) == {"messages": [], "before": None, "answering": None}


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ({"limit": 0}, "invalid_request", "'limit' in the query must be at least 1."),
        ({"limit": 201}, "invalid_request", "at most 200"),
        ({"limit": "x"}, "invalid_request", "whole number"),
        ({"before": "x"}, "invalid_message_id", "malformed"),
    ],
)
def test_a_page_that_cannot_be_is_refused(caller: Caller, query: dict, code: str, words: str):
    """With a sentence."""
    document = problem_of(caller.get("/sessions/trip/messages", params=query), 400)
    assert document["code"] == code
    assert words in document["detail"]


@pytest.mark.parametrize("named", ["2", "{key}.reply"])
def test_one_message_is_read_by_its_number_or_its_id(caller: Caller, named: str):
    """It is the same as in a page."""
    key = caller.remember("trip", "hi im bob", "Hi Bob.")
    found = caller.get(f"/sessions/trip/messages/{named.format(key=key)}").json()
    assert found == page(caller)["messages"][1]


@pytest.mark.parametrize(
    ("named", "status", "code"),
    [("9", 404, "unknown_message"), ("t1.reply", 404, "unknown_message"), ("x", 400, "invalid_message_id")],
)
def test_a_message_that_is_not_there(caller: Caller, named: str, status: int, code: str):
    """Unknown is not malformed."""
    caller.remember("trip", "hi", "Hello.")
    assert problem_of(caller.get(f"/sessions/trip/messages/{named}"), status)["code"] == code


def test_a_session_is_rewound_once(caller: Caller):
    """The messages behind the named one are gone; under its key a repetition changes nothing that was said since."""
    caller.remember("trip", "hi", "Hello.")
    key = caller.remember("trip", "bye", "Bye.")
    once = {"Idempotency-Key": "r1"}
    assert caller.post("/sessions/trip/rewind", json={"after": "2"}, headers=once).status_code == 204
    assert caller.texts("trip") == ["hi", "Hello."]
    caller.remember("trip", "again", "Yes.")
    assert caller.post("/sessions/trip/rewind", json={"after": "2"}, headers=once).status_code == 204
    assert caller.texts("trip") == ["hi", "Hello.", "again", "Yes."]
    assert problem_of(caller.get(f"/sessions/trip/messages/{key}.reply"), 404)
    assert caller.post("/sessions/trip/rewind", json={"after": "0"}).status_code == 204
    assert caller.texts("trip") == []


def test_a_rewind_can_put_others_in_place(caller: Caller):
    """Unless something was said since its user has looked."""
    caller.remember("trip", "hi", "Hello.")
    key = caller.remember("trip", "colour?", "Green.")
    instead = [{"role": "user", "text": "colour?"}, {"role": "assistant", "text": "Red."}]
    body = {"after": "2", "instead": instead, "newest": f"{key}.reply"}
    assert caller.post("/sessions/trip/rewind", json=body).status_code == 204
    assert caller.texts("trip") == ["hi", "Hello.", "colour?", "Red."]
    assert problem_of(caller.post("/sessions/trip/rewind", json=body), 404)["code"] == "unknown_message"
    late = {"after": "2", "instead": instead, "newest": "2"}
    refused = problem_of(caller.post("/sessions/trip/rewind", json=late), 409)
    assert (refused["code"], refused["retryable"]) == ("said_since", False)


def test_the_key_of_another_rewind_is_refused(caller: Caller):
    """The sentence is about the key, as a rewind has no words."""
    caller.remember("trip", "hi", "Hello.")
    caller.remember("trip", "bye", "Bye.")
    once = {"Idempotency-Key": "one"}
    assert caller.post("/sessions/trip/rewind", json={"after": "2"}, headers=once).status_code == 204
    refused = problem_of(caller.post("/sessions/trip/rewind", json={"after": "0"}, headers=once), 409)
    assert refused["detail"] == "This Idempotency-Key belongs to another request. Use a new one."


def test_what_is_in_the_summary_cannot_be_withdrawn(caller: Caller):
    """Nor an unknown message be named."""
    caller.remember("trip", "hi", "Hello.", "bye", "Bye.")
    caller.post("/sessions/trip/summary/fold", json={"through": "2"}).raise_for_status()
    for after, status, code in (("1", 409, "message_folded"), ("9", 404, "unknown_message")):
        assert problem_of(caller.post("/sessions/trip/rewind", json={"after": after}), status)["code"] == code
