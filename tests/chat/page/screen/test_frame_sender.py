"""Frames for an open page."""

from __future__ import annotations

import json

from chat.page import fragments
from chat.page.screen.frame_sender import FrameSender


async def test_empty_frames_are_not_sent():
    """Swaps, facts or both make a frame."""
    sent: list[str] = []

    async def send(frame: str) -> None:
        sent.append(frame)

    sender = FrameSender(send)
    await sender.put([])
    await sender.put([fragments.clear_stop()])
    await sender.put([], {"ended": "t1"})
    await sender.put([fragments.clear_stop()], {"ended": "t1"})
    assert sent[0] == fragments.clear_stop()
    assert [json.loads(frame)["content"] for frame in sent[1:]] == ["", fragments.clear_stop()]
