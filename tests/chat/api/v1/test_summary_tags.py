"""The ETags of summaries."""

from __future__ import annotations

import pytest

from chat.api.v1.summary_tags import etag_of, seen_tag
from chat.domain.exceptions import ChatError, NotSupported, SummaryChanged, UnknownSession, UnseenSummary
from chat.domain.messages import FoldState, Memory, Window


def memory(tag: str | None, state: FoldState = FoldState.IDLE) -> Memory:
    return Memory((), "So far.", 0, Window(12, fold=state), summary_tag=tag)


def test_a_tag_changes_with_the_answer_and_names_the_summary():
    """So 304 is true of the whole answer, and an edit needs only the summary."""
    one, other = etag_of(memory('"e-1"'), b"one"), etag_of(memory('"e-1"'), b"other")
    assert one != other
    for tag in (one, other, f"W/{one}", f'"x", {one}', "*", '"e-1"'):
        assert seen_tag(memory('"e-1"'), tag) == '"e-1"'


@pytest.mark.parametrize(
    ("found", "sent", "error"),
    [
        (memory('"e-2"'), '"e-1.abc"', SummaryChanged),
        (memory('"e-2"'), "", UnseenSummary),
        (memory('"e-2"'), None, UnseenSummary),
        (memory('"e-2"'), "nonsense", UnseenSummary),
        (memory(None), "*", UnknownSession),
        (memory(None, FoldState.UNKNOWN), "*", NotSupported),
    ],
)
def test_an_edit_of_something_else_is_refused(found: Memory, sent: str | None, error: type[ChatError]):
    """Of another summary, of one unseen, or of none."""
    with pytest.raises(error):
        seen_tag(found, sent)


def test_the_original_has_no_tags():
    """Its summaries cannot be edited."""
    assert etag_of(memory(None), b"x") is None
