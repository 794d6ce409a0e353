"""A socket may send so many frames a minute."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManyFrames
from chat.sockets.frame_limit import FrameLimit


def test_a_minute_has_so_many_frames_and_the_next_one_again():
    """Frames above the limit are refused until the minute is over."""
    now = 100.0
    frames = FrameLimit(limit=2, clock=lambda: now)
    for _ in range(2):
        for _ in range(2):
            frames.take()
        for _ in range(2):
            with pytest.raises(TooManyFrames, match="2 frames"):
                frames.take()
        now += 60
