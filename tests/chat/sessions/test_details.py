"""Details of a session, checked and changed."""

from __future__ import annotations

import pytest

from chat.domain.details import DetailChanges
from chat.domain.exceptions import InvalidDetails, MemoryRefused
from chat.domain.session_ids import Session
from chat.sessions.details import INSTRUCTIONS, LABEL, LABELS, TITLE, change_details, checked
from tests.support.in_memory import DictBells, DictMemory

SESSION = Session("owner.s1", "chat.owner")


async def test_a_change_is_made_and_announced() -> None:
    """Open pages look again after a change."""
    memory, bells = DictMemory(), DictBells()
    memory.seed(SESSION, "hi")
    changed = await change_details(SESSION, {"title": " Trip ", "pinned": True}, memory, bells)
    assert (changed.title, changed.pinned) == ("Trip", True)
    assert bells.rung == [SESSION]


async def test_a_session_without_messages_has_no_details() -> None:
    """The refusal is the memory server's, and nothing is announced."""
    bells = DictBells()
    with pytest.raises(MemoryRefused):
        await change_details(SESSION, {"title": "Trip"}, DictMemory(), bells)
    assert bells.rung == []


@pytest.mark.parametrize(
    ("changes", "stored"),
    [
        ({"title": "  "}, {"title": None}),
        ({"labels": [" work ", "work", "", "home"]}, {"labels": ["work", "home"]}),
        ({"instructions": "\nAnswer in Spanish.\n"}, {"instructions": "Answer in Spanish."}),
        ({}, {}),
    ],
)
def test_changes_are_stored_without_blanks(changes: DetailChanges, stored: DetailChanges) -> None:
    """Blanks around a detail are removed; what is then empty is removed, too."""
    assert checked(changes) == stored


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": "x" * (TITLE + 1)}, "The title has 201 characters; at most 200"),
        ({"labels": ["x" * (LABEL + 1)]}, "A label has 41 characters"),
        ({"labels": list(map(str, range(LABELS + 1)))}, "at most 8 labels"),
        ({"instructions": "x" * (INSTRUCTIONS + 1)}, "The instructions have 2,001 characters"),
    ],
)
def test_details_that_are_too_long_are_refused(changes: DetailChanges, sentence: str) -> None:
    """The sentence says how long the detail is, and how long it may be."""
    with pytest.raises(InvalidDetails, match=sentence):
        checked(changes)
