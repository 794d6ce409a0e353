"""Sentences on the page: escaped, and removed by their cause."""

from __future__ import annotations

from chat.page import fragments
from tests.support.html import HOSTILE, assert_harmless, parse, places


def test_sentences_are_escaped():
    """Notices, outages and statuses have no markup."""
    for swap in (fragments.notice(HOSTILE), fragments.outage(HOSTILE), fragments.status(HOSTILE)):
        assert_harmless(swap, partials=1)
        assert parse(swap).text == HOSTILE


def test_a_notice_is_removed_by_what_it_waits_for():
    """Other notices stay."""
    there = places([fragments.notice(HOSTILE, "turn")])["#notice"]
    assert there.all("p")[0].attributes["data-until"] == "turn"
    assert places([fragments.clear_notice("turn")])['#notice [data-until="turn"]'].attributes["hx-swap"] == "delete"
