"""What an import makes of a session in a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chat.domain.details import SessionListing
from chat.domain.exceptions import InvalidImport
from chat.domain.messages import Message
from chat.sessions.import_parts import (
    BATCH_BYTES,
    BATCH_MESSAGES,
    MESSAGE_BYTES,
    batches_of,
    fitting,
    import_id,
    is_undescribed,
)
from chat.sessions.importable import ImportableSession


def session(*contents: str, **more: Any) -> ImportableSession:
    return ImportableSession("Trip", tuple(Message("Human", content) for content in contents), **more)


def test_an_id_follows_from_the_contents() -> None:
    """Not from details, which the owner may change."""
    one = session("a", "b", context="s", covered=1)
    same = import_id(one)
    assert same == import_id(replace(one, title="Other", pinned=True, id="x"))
    others = [session("ab"), session("a", "b"), replace(one, context="t"), replace(one, covered=2)]
    assert len({same, *map(import_id, others)}) == 5


def test_messages_are_appended_in_batches() -> None:
    """Bounded in bytes and in number, and complete."""
    large = session("x" * (BATCH_BYTES // 2), "y", "é" * (BATCH_BYTES // 3), "z")
    assert [batch.end for batch in batches_of(large, covering=True)] == [2, 4]
    many = session(*["m"] * (BATCH_MESSAGES + 1))
    assert [batch.end for batch in batches_of(many, covering=True)] == [BATCH_MESSAGES, BATCH_MESSAGES + 1]
    assert sum((batch.messages for batch in batches_of(large, covering=True)), ()) == large.messages
    assert batches_of(session(), covering=True) == []


def test_a_message_that_no_append_can_hold_is_refused() -> None:
    """With its size, and the largest that can be remembered."""
    assert len(batches_of(session("x" * BATCH_BYTES, "y"), covering=True)) == 2
    with pytest.raises(InvalidImport, match=r"4 MB; at most 1\.9 MB"):
        batches_of(session("\n" * MESSAGE_BYTES), covering=True)


@pytest.mark.parametrize(
    ("covered", "covering", "context"), [(2, True, "s"), (0, True, "s"), (0, False, "s"), (2, False, None)]
)
def test_the_summary_goes_with_the_first_batch(covered: int, covering: bool, context: str | None) -> None:
    """Unless it would be about messages that are in the window, too."""
    (batch,) = batches_of(session("a", "b", "c", context="s", covered=covered), covering=covering)
    assert (batch.context, len(batch.messages)) == (context, 3)


def test_a_summary_of_more_than_one_batch_is_left_out() -> None:
    """One of a session without messages is not."""
    half = "x" * (BATCH_BYTES // 2 + 1)
    assert [batch.context for batch in batches_of(session(half, half, context="s", covered=2), covering=True)] == [
        None
    ] * 2
    assert [batch.context for batch in batches_of(session(half, half, context="s", covered=1), covering=True)] == [
        "s",
        None,
    ]
    (batch,) = batches_of(session(context="s"), covering=True)
    assert (batch.context, batch.messages, batch.end) == ("s", (), 0)


def test_details_are_cut_to_what_is_kept() -> None:
    """And it is reported."""
    assert fitting(session(labels=(" a ", " "), pinned=True)) == (
        {"title": "Trip", "labels": ["a"], "pinned": True}, False,
    )  # fmt: skip
    assert fitting(ImportableSession(" \n", ())) == ({}, False)
    for more in ({"labels": ["x"] * 9}, {"labels": ["x" * 41]}, {"instructions": "x" * 2001}):
        assert fitting(session(**more))[1]
    title, is_cut = fitting(ImportableSession("two\nlines " * 50, ()))
    assert (len(title["title"] or ""), is_cut) == (200, True)


def test_a_session_is_undescribed_until_it_has_details() -> None:
    """A title of its first words is not one that it was given."""
    one = session("two\nwords and more")
    assert is_undescribed(SessionListing("id", "two words…"), one)
    assert is_undescribed(SessionListing("id"), session())
    for listing in (
        SessionListing("id", "Mine"),
        SessionListing("id", pinned=True),
        SessionListing("id", labels=("a",)),
    ):
        assert not is_undescribed(listing, one)
