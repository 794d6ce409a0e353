"""Searching over the API."""

from __future__ import annotations

import pytest

from tests.chat.api.v1.callers import Caller, problem_of


def test_words_are_found_in_ones_own_messages(caller: Caller, site):
    """With the place of each in its excerpt; nobody else's are searched."""
    caller.remember("trip", "I like Rome", "So do I.")
    with Caller(site, "somebody") as other:
        other.remember("trip", "Rome is mine", "Yes.")
    page = caller.get("/search", params={"q": "rome"}).json()
    found = [each for each in page["results"] if each["where"] == "message"]
    assert [(each["session"], each["message"], each["role"]) for each in found] == [("trip", "1", "Human")]
    ((begin, end),) = found[0]["marks"]
    assert found[0]["excerpt"][begin:end] == "Rome"
    assert page["cursor"] is None


def test_a_search_continues(caller: Caller):
    """At its cursor, to the end."""
    for number in range(25):
        caller.remember(f"s{number}", "needle", "Found.")
    found, cursor = [], None
    while True:
        page = caller.get("/search", params={"q": "needle"} | ({"cursor": cursor} if cursor else {})).json()
        found += [each["session"] for each in page["results"] if each["where"] == "message"]
        if (cursor := page["cursor"]) is None:
            break
    assert sorted(found) == sorted(f"s{number}" for number in range(25))


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": "x" * 201}, {"q": "a b c d e f g h i j k"}, {"q": "x", "cursor": "é"}]
)
def test_a_search_that_cannot_be_is_refused(caller: Caller, query: dict):
    """With a sentence."""
    assert problem_of(caller.get("/search", params=query), 400)["code"] in {"invalid_request", "memory_refused"}
