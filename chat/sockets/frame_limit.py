"""How many frames a socket may send.

Daphne takes what a consumer sends without waiting for the client to read it, and asks only silent clients whether they
are still there. So a client that asks and asks and never reads would fill the worker's memory as fast as it can ask.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from chat.domain.exceptions import TooManyFrames

#: Far above what people and their pages do, far below what hurts.
FRAMES_A_MINUTE = 300
MINUTE = 60.0


class FrameLimit:
    """Counts frames, minute by minute. ``clock`` is in seconds."""

    def __init__(self, limit: int = FRAMES_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._minute_ends = 0.0
        self._frames = 0

    def take(self) -> None:
        """Count a frame. Raises `TooManyFrames` when this minute's are used up."""
        now = self._clock()
        if now >= self._minute_ends:
            self._minute_ends, self._frames = now + MINUTE, 0
        self._frames += 1
        if self._frames > self._limit:
            raise TooManyFrames(self._limit)
