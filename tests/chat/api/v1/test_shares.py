"""Share links over the API."""

from __future__ import annotations

import httpx

from tests.chat.api.v1.callers import Caller, problem_of


def test_a_link_shows_the_session_until_it_is_revoked(caller: Caller):
    """To anybody; its address is shown only once."""
    caller.remember("trip", "hi im bob", "Hi Bob.")
    caller.remember("other", "hi", "Hello.")
    made = caller.post("/sessions/trip/shares")
    link = made.json()
    assert made.status_code == 201
    assert "Hi Bob." in httpx.get(link["url"], trust_env=False).text
    caller.post("/sessions/other/shares").raise_for_status()
    shown = {key: link[key] for key in ("id", "session", "created_at")}
    assert caller.get("/sessions/trip/shares").json() == {"links": [shown]}
    assert [each["session"] for each in caller.get("/shares").json()["links"]] == ["other", "trip"]
    for _ in range(2):
        assert caller.delete(f"/shares/{link['id']}").status_code == 204
    assert "Hi Bob." not in httpx.get(link["url"], trust_env=False).text
    assert caller.get("/sessions/trip/shares").json() == {"links": []}


def test_nothing_cannot_be_shared(caller: Caller):
    """A session exists once something is said in it."""
    assert problem_of(caller.post("/sessions/new/shares"), 400)["code"] == "invalid_share"
