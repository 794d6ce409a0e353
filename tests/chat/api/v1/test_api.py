"""Errors of calls become problem documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat.api.v1.callers import Caller, problem_of
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.servers import Site, running, start_site


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', '{"title": "\\ud800"}', '{"a": NaN}', "[" * 100_000, b"\xff"]
)
def test_a_body_that_is_no_object_is_refused(caller: Caller, body: str | bytes):
    """Also half a character, which could be stored nowhere."""
    refused = caller.patch("/sessions/trip", content=body, headers={"Content-Type": "application/json"})
    assert problem_of(refused, 400)["code"] == "invalid_request"


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose memory server does not answer, with a limit of calls."""
    with OriginalMotorhead() as memory:
        settings = {"MOTORHEAD_URL": memory.url, "CHAT_PAGES_PER_MINUTE": "5"}
        site = start_site(tmp_path_factory.mktemp("lonely"), "--workers", "1", **settings)
    with running(site):
        yield site


def test_an_outage_is_announced_and_a_limit_has_an_end(lonely: Site):
    """503 and 429 say when to come again; nothing looks like an empty memory."""
    with Caller(lonely, "somebody") as caller:
        for path in ("/sessions", "/sessions/trip", "/sessions/trip/messages", "/search?q=x"):
            away = caller.get(path)
            document = problem_of(away, 503)
            assert (document["code"], document["retryable"]) == ("memory_unreachable", True)
            assert int(away.headers["Retry-After"]) > 0
        gone = problem_of(caller.delete("/sessions/trip"), 503)
        assert gone["detail"].startswith("It may not have been deleted")
        used_up = caller.get("/sessions")
        assert problem_of(used_up, 429)["code"] == "too_many_pages"
        assert 0 < int(used_up.headers["Retry-After"]) <= 60
        assert problem_of(caller.post("/ticket"), 429)
    with Caller(lonely, "another") as caller:
        assert problem_of(caller.get("/sessions"), 503)
