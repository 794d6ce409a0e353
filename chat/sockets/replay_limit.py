"""A limit on how often one answer is replayed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from chat.domain.exceptions import TooManyReplays
from chat.domain.session_ids import Session

#: For one answer; far more than the tabs of one person need, even if all of them reconnect several times.
REPLAYS_A_MINUTE = 60
MINUTE = 60.0


class ReplayLimit:
    """Allows ``limit`` replays a minute of each answer in this process. ``clock`` is in seconds."""

    def __init__(self, limit: int = REPLAYS_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._minute_ends = 0.0
        self._replays: Counter[tuple[str, str]] = Counter()

    def take(self, session: Session, turn_id: str) -> None:
        """Count a replay of a turn. Raises `TooManyReplays`: this minute's replays of it are used up."""
        now = self._clock()
        if now >= self._minute_ends:
            self._minute_ends = now + MINUTE
            self._replays.clear()
        turn = session.memory_id, turn_id
        if self._replays[turn] >= self._limit:
            raise TooManyReplays(limit=self._limit)
        self._replays[turn] += 1


#: The limit for all sockets of this process.
replay_limit = ReplayLimit()
