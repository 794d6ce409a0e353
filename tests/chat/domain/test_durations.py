"""Durations in words."""

from __future__ import annotations

import pytest

from chat.domain.durations import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "a moment"),
        (0, "1 second"),
        (0.2, "1 second"),
        (1.5, "2 seconds"),
        (45, "45 seconds"),
        (120, "120 seconds"),
        (121, "3 minutes"),
        (7200, "120 minutes"),
        (86_400, "24 hours"),
        (1e7, "2,778 hours"),
    ],
)
def test_a_duration_is_rounded_up_to_a_unit_that_people_use(seconds: float | None, words: str) -> None:
    """A person who waits that long does not come too early."""
    assert in_words(seconds) == words
