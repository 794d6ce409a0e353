"""Downloads of a visitor's sessions."""

from __future__ import annotations

import json
from http import HTTPStatus

import httpx

from tests.chat.page.views.sessions import memory_id_on, remember, remember_own
from tests.support.html import parse


def test_a_session_is_downloaded_under_its_title(site, visitor):
    """As JSON or Markdown, whole."""
    remember_own(site, visitor, "Madrid")
    remember(site, memory_id_on(parse(visitor.get("/s/Madrid").text)), *[f"m{number}" for number in range(30)])
    answer = visitor.get("/s/Madrid/export", params={"format": "json"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="madrid.json"'
    (session,) = json.loads(answer.text)["sessions"]
    assert [message["text"] for message in session["messages"]] == ["Madrid", *(f"m{n}" for n in range(30))]
    answer = visitor.get("/s/Madrid/export", params={"format": "markdown"})
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# Madrid\n")


def test_all_sessions_are_downloaded_together(site, visitor):
    """Only one's own."""
    for name in ("one", "two"):
        remember_own(site, visitor, name)
    answer = visitor.get("/sessions/export")
    assert [session["id"] for session in json.loads(answer.text)["sessions"]] == ["two", "one"]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="sessions-')
    with httpx.Client(base_url=site.url, trust_env=False, follow_redirects=True) as somebody:
        assert json.loads(somebody.get("/sessions/export").text)["sessions"] == []
        assert somebody.get("/s/one/export").status_code == HTTPStatus.NOT_FOUND


def test_other_formats_and_malformed_ids_are_refused(visitor):
    """With a sentence."""
    answer = visitor.get("/sessions/export", params={"format": "xml"})
    assert (answer.status_code, answer.text) == (HTTPStatus.BAD_REQUEST, "Use format=json or format=markdown.")
    assert visitor.get("/s/a.b/export").status_code == HTTPStatus.BAD_REQUEST
    ended = visitor.get("/sessions/export", headers={"Page-Owner": "somebody-before"})
    assert ended.status_code == HTTPStatus.CONFLICT
