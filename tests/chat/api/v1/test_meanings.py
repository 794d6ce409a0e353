"""The API of a site on the original memory server, which only adds messages and deletes sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat.api.v1.callers import Caller, problem_of
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.servers import Site, running, start_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site."""
    with OriginalMotorhead() as memory:
        folder = tmp_path_factory.mktemp("original")
        with running(start_site(folder, "--workers", "1", MOTORHEAD_URL=memory.url)) as site:
            yield site


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/sessions/trip", {"title": "x"}),
        ("POST", "/sessions/trip/fork", {"through": "1"}),
        ("POST", "/sessions/trip/rewind", {"after": "1"}),
        ("PUT", "/sessions/trip/summary", {"text": "x"}),
        ("POST", "/sessions/trip/summary/fold", {}),
        ("POST", "/sessions/trip/summary/restore", {"version": 1}),
        ("GET", "/sessions/trip/summary/versions", None),
        ("GET", "/search?q=hi", None),
    ],
)
def test_what_the_original_cannot_do_is_said(caller: Caller, method: str, path: str, body: dict | None):
    """With a sentence, and nothing is changed."""
    caller.remember("trip", "hi", "Hello.")
    refused = caller.request(method, path, json=body, headers={"If-Match": "*"})
    document = problem_of(refused, 501)
    assert (document["code"], document["retryable"]) == ("not_supported", False)
    assert caller.texts("trip") == ["hi", "Hello."]


def test_what_it_can_do_works(caller: Caller):
    """Lists, messages with ids, the summary, an export, and deletion."""
    caller.remember("trip", "hi", "Hello.", "hi", "Hello.")
    assert [each["id"] for each in caller.get("/sessions").json()["sessions"]] == ["trip"]
    assert caller.get("/sessions/trip").json()["title"] is None
    messages = caller.get("/sessions/trip/messages").json()["messages"]
    assert len({message["id"] for message in messages}) == 4
    assert caller.get("/sessions/trip/summary").json()["state"] == "unknown"
    assert caller.get("/sessions/trip/export").json()["sessions"][0]["id"] == "trip"
    assert caller.delete("/sessions/trip").status_code == 204
    assert problem_of(caller.get("/sessions/trip"), 404)["code"] == "unknown_session"
