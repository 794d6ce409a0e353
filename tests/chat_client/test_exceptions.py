"""The tree of errors."""

from __future__ import annotations

import pytest

from chat_client import AccessDenied, ChatError, LimitReached, SummaryChanged, TurnInProgress
from chat_client.exceptions import error_of


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("access_denied", AccessDenied),
        ("turn_in_progress", TurnInProgress),
        ("summary_changed", SummaryChanged),
        ("too_many_turns", LimitReached),
        ("a_newer_one", ChatError),
    ],
)
def test_a_code_has_its_class(code: str, kind: type[ChatError]) -> None:
    """Those that a caller treats in a way of its own; the sentence is what is printed."""
    error = error_of(code, "No.", retry_after=7.0)
    assert type(error) is kind
    assert (str(error), error.code, error.sentence, error.retry_after) == ("No.", code, "No.", 7.0)
    assert error.retryable == (kind is LimitReached)
