"""Outages shown on a page."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import MemoryRefused, MemoryUnreachable, RunLogUnreachable
from chat.page import fragments
from chat.page.screen.outage import NO_OUTAGE, Away, outage_changes, outage_of

MEMORY, STORE = outage_of(MemoryUnreachable()), outage_of(RunLogUnreachable())
REFUSED = outage_of(MemoryRefused(507, "The disk is full."))


@pytest.mark.parametrize(
    ("outage", "away", "words"),
    [
        (MEMORY, Away.MEMORY, "Memory is unreachable."),
        (REFUSED, Away.MEMORY, "The disk is full."),
        (STORE, Away.STORE, "Answers go on as soon as it is back."),
    ],
)
def test_an_outage_names_what_is_away(outage, away, words):
    """A memory server that refuses counts as away: the session cannot be shown."""
    assert outage.away is away
    assert words in outage.sentence


@pytest.mark.parametrize("before", [NO_OUTAGE, MEMORY, REFUSED, STORE])
@pytest.mark.parametrize("now", [NO_OUTAGE, MEMORY, REFUSED, STORE])
def test_a_sentence_is_sent_only_if_it_has_changed(before, now):
    """The latest outage is shown; the same sentence is not read out twice."""
    assert outage_changes(before, now) == ([] if before is now else [fragments.outage(now.sentence)])
