"""Imports over the API."""

from __future__ import annotations

import pytest

from tests.chat.api.v1.callers import Caller, problem_of


def send(caller: Caller, content: bytes | str):
    return caller.post("/import", files={"file": ("export.json", content)})


def test_what_was_exported_is_imported_once(caller: Caller, site):
    """By another owner, with everything; the same file adds nothing again."""
    caller.remember("trip", "hi im bob", "Hi Bob.")
    caller.patch("/sessions/trip", json={"title": "Bob"})
    exported = caller.get("/export").content
    with Caller(site, f"{caller.owner}-2") as other:
        report = send(other, exported).json()
        assert report == {
            "total": 1, "sessions": 1, "messages": 2, "here": 0, "waiting": 0,
            "refused": [], "left_out": {}, "stopped": None,
        }  # fmt: skip
        (session,) = other.get("/sessions").json()["sessions"]
        assert session["title"] == "Bob"
        assert other.texts(session["id"]) == ["hi im bob", "Hi Bob."]
        assert send(other, exported).json()["here"] == 1


def test_a_large_file_is_imported(caller: Caller):
    """Larger than any other body that the site takes."""
    for _ in range(3):
        caller.remember("trip", "x" * 1_900_000)
    exported = caller.get("/export").content
    assert len(exported) > 5 * 2**20
    caller.delete("/sessions/trip")
    assert send(caller, exported).json()["messages"] == 3


@pytest.mark.parametrize(
    ("content", "words"), [("{", "not valid JSON"), ("[]", "no session"), ('{"a": 1}', "neither"), ("", "neither")]
)
def test_another_file_is_refused(caller: Caller, content: str, words: str):
    """With a sentence that says why."""
    document = problem_of(send(caller, content), 400)
    assert document["code"] == "invalid_import"
    assert words in document["detail"]


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=x"])
def test_a_form_that_cannot_be_read_is_refused(caller: Caller, boundary: str):
    """Or one without the file."""
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    assert problem_of(caller.post("/import", headers=headers), 400)["code"] == "invalid_request"


def test_without_a_file_there_is_nothing_to_import(caller: Caller):
    """A body of another kind is no form."""
    assert "'file'" in problem_of(caller.post("/import", json={}), 400)["detail"]
