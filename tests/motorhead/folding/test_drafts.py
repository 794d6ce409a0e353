"""Unfinished summaries: which ones continue a session, and how many are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from motorhead.folding.drafts import MOST_DRAFTS, Drafts
from motorhead.messages import Message
from motorhead.store.state import State
from motorhead.usage import NO_USAGE, Usage

ID = b"s"
MESSAGE = Message("Human", "long", "4", 0)
STATE = State(
    epoch="e", last=9, folded=3, context_version=2, fold_version=0, context="so far", tokens=0, folded_at=None,
    reason=None, parked=False, weight=90, folded_weight=30, kept_from=1,
)  # fmt: skip


@pytest.fixture
def drafts() -> Drafts:
    """Drafts with one of the session: 2 characters are done."""
    drafts = Drafts()
    begun = drafts.begin(ID, STATE, MESSAGE)
    drafts.keep(ID, replace(begun, context="so far, lo", done=2, used=Usage(10, 1)))
    return drafts


def test_a_new_draft_begins_with_the_sessions_context() -> None:
    """Nothing of the message is done."""
    begun = Drafts().begin(ID, STATE, MESSAGE)
    assert (begun.context, begun.done, begun.used) == ("so far", 0, NO_USAGE)


def test_a_kept_draft_is_continued_while_the_session_is_the_same(drafts: Drafts) -> None:
    """Messages that have arrived since, and a noted reason, do not matter."""
    changed = msgspec.structs.replace(STATE, last=20, weight=200, reason="Down.", fold_version=5)
    begun = drafts.begin(ID, changed, MESSAGE)
    assert (begun.context, begun.done, begun.used) == ("so far, lo", 2, Usage(10, 1))


@pytest.mark.parametrize("changed", [{"epoch": "f"}, {"folded": 4}, {"folded": 0}, {"context_version": 3}])
def test_a_draft_of_another_state_is_not_continued(drafts: Drafts, changed: dict[str, Any]) -> None:
    """A deletion, another fold, a restore or an edit of the summary means that the message begins again."""
    assert drafts.begin(ID, msgspec.structs.replace(STATE, **changed), MESSAGE).done == 0


def test_a_draft_of_another_message_or_session_is_not_continued(drafts: Drafts) -> None:
    """A draft is for one message of one session."""
    assert drafts.begin(ID, STATE, Message("Human", "long", "5", 0)).done == 0
    assert drafts.begin(b"other", STATE, MESSAGE).done == 0


def test_tokens_are_charged_once(drafts: Drafts) -> None:
    """After a session has been charged, its draft has no tokens left to charge."""
    drafts.charged(ID)
    drafts.charged(b"other")
    begun = drafts.begin(ID, STATE, MESSAGE)
    assert (begun.done, begun.used) == (2, NO_USAGE)


def test_a_dropped_draft_is_forgotten(drafts: Drafts) -> None:
    """It may be dropped twice."""
    drafts.drop(ID)
    drafts.drop(ID)
    assert drafts.begin(ID, STATE, MESSAGE).done == 0


def test_only_so_many_drafts_are_kept(drafts: Drafts) -> None:
    """The one that has not changed for longest is dropped."""
    begun = drafts.begin(ID, STATE, MESSAGE)
    for number in range(MOST_DRAFTS - 1):
        drafts.keep(b"%d" % number, begun)
    drafts.keep(ID, begun)
    drafts.keep(b"one more", begun)
    assert drafts.begin(ID, STATE, MESSAGE).done == 2
    assert drafts.begin(b"0", STATE, MESSAGE).done == 0
