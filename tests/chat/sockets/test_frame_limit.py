"""The limit on a client's frames a minute."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManyFrames
from chat.sockets.frame_limit import REFUSED_FRAMES, FrameLimit


def test_each_minute_has_its_own_limit():
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


def test_who_goes_on_after_refusals_is_known():
    """A client that is refused many times within a minute defies the limit; a new minute begins without blame."""
    now = 100.0
    frames = FrameLimit(limit=0, clock=lambda: now)
    for minute in range(2):
        for refused in range(REFUSED_FRAMES):
            assert frames.defied is (minute == 1 and refused == 0)
            with pytest.raises(TooManyFrames):
                frames.take()
        assert frames.defied
        now += 60
