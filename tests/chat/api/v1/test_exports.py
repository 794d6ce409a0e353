"""Downloads over the API."""

from __future__ import annotations

import json

from tests.chat.api.v1.callers import Caller, problem_of


def test_a_session_is_downloaded(caller: Caller):
    """As JSON or Markdown, as a file."""
    caller.remember("trip", "Rome", "Nice.")
    answer = caller.get("/sessions/trip/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rome.json"'
    (session,) = json.loads(answer.text)["sessions"]
    assert [message["text"] for message in session["messages"]] == ["Rome", "Nice."]
    written = caller.get("/sessions/trip/export", params={"format": "markdown"})
    assert (written.headers["Content-Type"], written.text[:7]) == ("text/markdown; charset=utf-8", "# Rome\n")


def test_all_sessions_are_downloaded_together(caller: Caller):
    """Only one's own, and also if there are none."""
    assert caller.get("/export").json()["sessions"] == []
    for name in ("one", "two"):
        caller.remember(name, "hi", "Hello.")
    assert [session["id"] for session in caller.get("/export").json()["sessions"]] == ["two", "one"]


def test_another_format_is_refused(caller: Caller):
    """With a sentence that names those there are."""
    document = problem_of(caller.get("/export", params={"format": "xml"}), 400)
    assert document["detail"].startswith("'format' in the query must be 'json' or 'markdown'.")
