"""What all answers have in common."""

from __future__ import annotations

import httpx
import pytest

from tests.chat.api.v1.callers import Caller, problem_of
from tests.support.servers import Site


@pytest.mark.parametrize("path", ["/", "/nothing", "/sessions/", "/sessions/a/b/c/d", "/sessions/a%2Fb", "/../x"])
def test_an_unknown_address_is_a_problem(caller: Caller, path: str):
    """Not a page for people."""
    assert problem_of(caller.get(f"{caller.site.url}/api/v1{path}"), 404)["code"] == "unknown_path"


def test_an_unknown_version_is_a_problem(site: Site):
    """It needs no credential to say so."""
    assert problem_of(httpx.get(f"{site.url}/api/v2/sessions", trust_env=False), 404)["code"] == "unknown_path"


def test_another_method_is_a_problem(caller: Caller):
    """The answer names those there are."""
    refused = caller.put("/sessions/trip")
    assert problem_of(refused, 405)["code"] == "method_not_allowed"
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "PATCH", "DELETE"}


def test_what_has_not_changed_is_not_sent_again(caller: Caller):
    """A read has an ETag, weak or strong, and 304 has the headers that belong to it."""
    caller.remember("trip", "hi", "Hello.")
    for path in ("/sessions", "/sessions/trip", "/sessions/trip/messages", "/sessions/trip/summary"):
        tag = caller.get(path).headers["ETag"]
        for known in (tag, f'"x", {tag}', "*"):
            answer = caller.get(path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    caller.remember("trip", "bye", "Bye.")
    for path in ("/sessions", "/sessions/trip/messages"):
        assert caller.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_answers_are_kept_by_nobody(caller: Caller):
    """Neither by a browser nor between; and they differ by credential."""
    headers = caller.get("/sessions").headers
    assert headers["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie", "Origin"} <= set(headers["Vary"].split(", "))
    assert headers["Served-By"].startswith("web")


def test_a_body_that_is_too_large_is_a_problem(caller: Caller):
    """The sentence says so."""
    body = {"text": "x" * (3 * 2**20)}
    refused = caller.put("/sessions/trip/summary", json=body, headers={"If-Match": "*"})
    assert problem_of(refused, 413)["code"] == "body_too_large"
