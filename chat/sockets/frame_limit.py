"""A limit on the frames that a client may send: each costs work, however little it asks for.

What a client costs that does not read the answers is limited by `chat.sockets.lag`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from chat.domain.exceptions import TooManyFrames

#: Far more than people and their pages send, far less than would do harm.
FRAMES_A_MINUTE = 300
MINUTE = 60.0
#: Frames beyond them that are refused one by one.
REFUSED_FRAMES = 20


class FrameLimit:
    """Allows ``limit`` frames a minute. ``clock`` is in seconds."""

    __slots__ = ("_clock", "_frames", "_limit", "_minute_ends")

    def __init__(self, limit: int = FRAMES_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._minute_ends = 0.0
        self._frames = 0

    def take(self) -> None:
        """Count a frame. Raises `TooManyFrames`: this minute's frames are used up."""
        now = self._clock()
        if now >= self._minute_ends:
            self._minute_ends, self._frames = now + MINUTE, 0
        self._frames += 1
        if self._frames > self._limit:
            raise TooManyFrames(self._limit)

    @property
    def defied(self) -> bool:
        """Whether the client has gone on although it was refused many times within this minute."""
        return self._frames >= self._limit + REFUSED_FRAMES
