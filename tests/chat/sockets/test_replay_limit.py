"""The limit on the replays of an answer."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManyReplays
from chat.domain.session_ids import owned_session
from chat.sockets.replay_limit import ReplayLimit


def test_each_answer_has_its_own_limit_in_each_minute():
    """Replays above the limit are refused until the minute is over; those of other answers are not."""
    now, session = 100.0, owned_session("bob", "s")
    replays = ReplayLimit(limit=2, clock=lambda: now)
    for _ in range(2):
        for turn in ("one", "two"):
            for _ in range(2):
                replays.take(session, turn)
            with pytest.raises(TooManyReplays, match="2 times"):
                replays.take(session, turn)
        now += 60
