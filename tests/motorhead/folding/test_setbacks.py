"""How long sessions rest whose fold failed."""

from __future__ import annotations

from motorhead.folding.breaker import LONGEST_PAUSE
from motorhead.folding.setbacks import Setbacks


def test_each_failure_makes_the_sessions_rest_longer() -> None:
    """The pause doubles up to a limit; other sessions are not affected."""
    setbacks = Setbacks()
    assert [setbacks.add(b"s") for _ in range(8)] == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE]
    assert setbacks.add(b"other") == 1
    for _ in range(2_000):
        assert setbacks.add(b"s") == LONGEST_PAUSE


def test_a_fold_that_succeeds_ends_the_count() -> None:
    """The next failure is the first again; a session without failures may be cleared, too."""
    setbacks = Setbacks()
    setbacks.add(b"s")
    setbacks.clear(b"s")
    setbacks.clear(b"other")
    assert setbacks.add(b"s") == 1
