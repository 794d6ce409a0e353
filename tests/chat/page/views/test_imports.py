"""Importing sessions from a file that a visitor chooses."""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpx

from tests.chat.page.views.sessions import memory_id_on, remember, remember_own
from tests.chat.sessions.chatgpt_export import conversation, file_of, said
from tests.support.cookies import csrf_token
from tests.support.html import parse
from tests.support.servers import Site, wait_for_http

TRIP = file_of(conversation(said("user", "Is Madrid nice?"), said("assistant", "It is.")))


def send(visitor: httpx.Client, content: bytes, **headers: str) -> httpx.Response:
    headers = {"X-CSRFToken": csrf_token(visitor), **headers}
    return visitor.post("/sessions/import", files={"file": ("conversations.json", content)}, headers=headers)


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_file_is_imported_once(visitor: httpx.Client) -> None:
    """A line for each session, and the report; the list then has it."""
    visitor.get("/")
    first, *_, last = lines(send(visitor, TRIP))
    assert first == {"done": 0, "total": 1}
    assert last == {"report": ["Imported: 1 session with 2 messages."]}
    assert lines(send(visitor, TRIP))[-1] == {"report": ["1 session was here already."]}
    (session,) = visitor.get("/api/v1/sessions").json()["sessions"]
    assert session["title"] == "A trip"
    assert "Is Madrid nice?" in visitor.get(f"/s/{session['id']}").text


def test_a_download_comes_back(site: Site, visitor: httpx.Client) -> None:
    """To another visitor, with all its messages."""
    remember_own(site, visitor, "Madrid")
    remember(site, memory_id_on(parse(visitor.get("/s/Madrid").text)), *[f"m{number}" for number in range(30)])
    content = visitor.get("/sessions/export").content
    assert lines(send(visitor, content))[-1] == {"report": ["1 session was here already."]}
    with httpx.Client(base_url=site.url, trust_env=False, follow_redirects=True, timeout=60) as other:
        other.get("/")
        assert lines(send(other, content))[-1]["report"][0] == "Imported: 1 session with 31 messages."
        again = json.loads(other.get("/sessions/export").content)["sessions"][0]
    was = json.loads(content)["sessions"][0]
    assert [each["text"] for each in again["messages"]] == [each["text"] for each in was["messages"]]
    assert again["title"] == was["title"]


def test_a_larger_file_than_other_requests_may_send_is_read(visitor: httpx.Client) -> None:
    """It goes through a temporary file. One beyond the bound for files is refused, by the server."""
    visitor.get("/")
    large = file_of(conversation(*(said("user", f"{number} " + "x" * 500_000) for number in range(12))))
    assert lines(send(visitor, large))[-1]["report"][0] == "Imported: 1 session with 12 messages."


def test_another_file_is_refused_with_a_sentence(visitor: httpx.Client) -> None:
    """Nothing is imported."""
    visitor.get("/")
    for content, sentence in ((b"hello", "neither an export"), (b"[]", "no session"), (b"[", "not valid JSON")):
        answer = send(visitor, content)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        (line,) = lines(answer)
        assert sentence in line["error"]
    headers = {"X-CSRFToken": csrf_token(visitor)}
    nothing = visitor.post("/sessions/import", data={"file": "text"}, headers=headers)
    assert lines(nothing) == [{"error": "There is no file in this request. Choose one."}]


def test_other_sites_and_ended_visits_import_nothing(visitor: httpx.Client) -> None:
    """The token of this site's pages is needed, and the page must still be the visitor's."""
    visitor.get("/")
    forged = visitor.post("/sessions/import", files={"file": ("c.json", TRIP)})
    assert forged.status_code == HTTPStatus.FORBIDDEN
    assert send(visitor, TRIP, **{"Page-Owner": "somebody-before"}).status_code == HTTPStatus.CONFLICT
    assert (
        visitor.put("/sessions/import", headers={"X-CSRFToken": csrf_token(visitor)}).status_code
        == HTTPStatus.METHOD_NOT_ALLOWED
    )
    assert visitor.get("/api/v1/sessions").json()["sessions"] == []
    assert 'id="import-files"' in visitor.get("/sessions/import").text


def test_an_import_whose_worker_is_killed_is_completed_by_repeating_it(site: Site, visitor: httpx.Client) -> None:
    """Every message is there once, in its order, whatever had been appended before."""
    visitor.get("/")
    texts = {f"t{n}": [f"{n}-{place}" for place in range(20)] for n in range(40)}
    trips = [conversation(*(said("user", text) for text in said_in), title=title) for title, said_in in texts.items()]
    content, headers = file_of(*trips), {"X-CSRFToken": csrf_token(visitor)}
    with (
        suppress(httpx.TransportError),
        visitor.stream("POST", "/sessions/import", files={"file": ("c.json", content)}, headers=headers) as answer,
    ):
        for number, _ in enumerate(answer.iter_lines()):
            if number == 3:
                killed = site.kill_child("web.1")
    site.wait_for_new("web.1", killed)
    wait_for_http(site, "/healthz")
    counted = lines(send(visitor, content))[-1]["report"]
    assert "sessions were here already" in " ".join(counted)
    sessions = json.loads(visitor.get("/sessions/export").content)["sessions"]
    assert {each["title"]: [message["text"] for message in each["messages"]] for each in sessions} == texts
