"""Finding the sessions that are due for a fold."""

from __future__ import annotations

import msgspec
import pytest

from motorhead.config import FoldSettings
from motorhead.folding.due import DueFolds
from motorhead.store.state import State

STATE = State("e" * 16, 20, 10, 1, 0, None, 0, None, None, False, 500, 300, 1)


@pytest.mark.parametrize(
    ("settings", "unfolded", "weight", "due"),
    [
        (FoldSettings(window_size=12, window_tokens=0), 12, 9_999, False),
        (FoldSettings(window_size=12), 12, 3_900, False),
        (FoldSettings(window_size=12), 13, 1, True),
        (FoldSettings(window_size=12, window_tokens=100), 2, 100, False),
        (FoldSettings(window_size=12, window_tokens=100), 2, 101, True),
        (FoldSettings(window_size=12, window_tokens=100), 1, 101, True),
    ],
)
def test_a_window_that_overflows_is_due(settings: FoldSettings, unfolded: int, weight: int, due: bool) -> None:
    """Too many messages, or too many tokens, schedule the session."""
    scheduled: list[bytes] = []
    DueFolds(settings, scheduled.append).weigh(b"s", unfolded, weight)
    assert scheduled == [b"s"] * due


async def test_a_state_is_looked_at_above_its_watermark() -> None:
    """Folded messages count neither as messages nor as tokens."""
    scheduled: list[bytes] = []
    due = DueFolds(FoldSettings(window_size=10, window_tokens=200), scheduled.append)
    await due.look(b"as full as may be", STATE)
    await due.look(b"one more", msgspec.structs.replace(STATE, last=21))
    await due.look(b"heavier", msgspec.structs.replace(STATE, weight=501))
    assert scheduled == [b"one more", b"heavier"]
