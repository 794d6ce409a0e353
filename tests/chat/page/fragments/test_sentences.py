"""Sentences on the page: text, and taken away by their reason."""

from __future__ import annotations

from chat.page import fragments
from tests.support.html import HOSTILE, assert_harmless, parse, places


def test_sentences_are_escaped():
    """Notices, outages and statuses are text."""
    for swap in (fragments.notice(HOSTILE), fragments.outage(HOSTILE), fragments.status(HOSTILE)):
        assert_harmless(swap, partials=1)
        assert parse(swap).text == HOSTILE


def test_a_sentence_can_be_taken_away_by_its_reason():
    """Only the one that waited for it."""
    there = places([fragments.notice(HOSTILE, "turn")])["#notice"]
    assert there.all("p")[0].attributes["data-until"] == "turn"
    assert places([fragments.clear_notice("turn")])['#notice [data-until="turn"]'].attributes["hx-swap"] == "delete"
