"""A session in the admin."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from chat.domain.details import SummaryVersions
from chat.domain.exceptions import MemoryRefused, MemoryUnreachable
from chat.domain.messages import FoldState, Memory, Message, MessagePage, Role, Window
from chat.sessions.inspection import Inspection
from chat.staff.session_page import FOLD_STATES, absence_notice, is_unknown_place, session_context

SAID = tuple(Message(Role.HUMAN, name, name) for name in "123")


def inspection(before: str | None) -> Inspection:
    """Three messages, of which the first is folded."""
    memory = Memory(SAID[1:], "a summary", 5, Window(12, folded=1, fold=FoldState.IDLE))
    return Inspection(memory, MessagePage(SAID, before), SummaryVersions(()))


def test_folded_messages_are_marked():
    """Each message says whether it is folded or in the window."""
    context = session_context(inspection(None), "owner.s", RequestFactory().get("/"))
    assert [message.folded for message in context["said"]] == [True, False, False]
    assert context["namespace"] == "chat.owner"
    assert context["page_address"] == "/any?id=owner.s"


@pytest.mark.parametrize(
    ("before", "query", "earlier", "newest"),
    [
        (None, {}, "", ""),
        ("1", {}, "?before=1", ""),
        ("1", {"before": "9", "p": "2"}, "?p=2&before=1", "?p=2"),
    ],
)
def test_a_session_is_paged_both_ways(before, query, earlier, newest):
    """The links keep the list that it was opened from."""
    context = session_context(inspection(before), "x", RequestFactory().get("/", query))
    root = "/admin/chat/session/x/change/"
    assert context["earlier"] == (root + earlier if earlier else "")
    assert context["newest"] == (root + newest if newest else "")


def test_every_state_of_a_fold_has_its_sentence():
    """No state is shown as a code."""
    assert FOLD_STATES.keys() == set(FoldState)


@pytest.mark.parametrize(
    ("query", "error", "no_place"),
    [
        ({"before": "x"}, MemoryRefused(400, "No such id."), True),
        ({"before": "x"}, MemoryRefused(500), False),
        ({"before": "x"}, MemoryUnreachable(), False),
        ({}, MemoryRefused(400, "No such id."), False),
    ],
)
def test_an_unknown_place_is_not_an_outage(query, error, no_place):
    """Only a 400 for ``?before=`` counts as an unknown place."""
    assert is_unknown_place(error, RequestFactory().get("/", query)) is no_place


def test_an_unknown_session_is_named():
    """Its id is escaped for display."""
    assert absence_notice("a\u202eb") == (
        "Nothing is remembered about the session “a\\u202eb”. It may have been deleted."
    )
