"""The pace at which a websocket's frames are read, on a connection that only notes what it is asked."""

from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chatsite import paced_daphne
from chatsite.paced_daphne import MOST_FRAMES, MOST_UNTAKEN, PacedSocket
from tests.support.servers import PATIENCE

PING = bytes([0x89, 0x80]) + os.urandom(4)
#: "{", masked with zeros.
INVALID = bytes([0x81, 0x81, 0, 0, 0, 0]) + b"{"


class NotingTransport:
    """A transport that notes whether it is read from."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.reads.set()

    def pauseProducing(self) -> None:  # noqa: N802
        self.reads.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self.reads.set()


class Opened(PacedSocket):
    """An open websocket without a network, which counts its frames."""

    def __init__(self) -> None:
        super().__init__()
        self.transport, self.factory = NotingTransport(), SimpleNamespace(isServer=True)
        self.application_queue: asyncio.Queue[Any] = asyncio.Queue()
        self.data, self.current_frame, self.inside_message, self._perMessageCompress = b"", None, False, None
        self.requireMaskedClientFrames = self.applyMask = True
        self.state = self.STATE_OPEN
        self.begun = 0

    def _dataReceived(self, data: bytes) -> None:  # noqa: N802
        self.data += data
        self.consumeData()

    def onFrameBegin(self) -> None:  # noqa: N802
        self.begun += 1

    def onFrameData(self, payload: bytes) -> None:  # noqa: N802
        """Nothing is kept."""

    def onFrameEnd(self) -> None:  # noqa: N802
        self.current_frame = None
        self.application_queue.put_nowait("a frame")

    async def taken(self, frames: int) -> None:
        """Return when the app has taken ``frames`` frames."""
        async with asyncio.timeout(20 * PATIENCE):
            for _ in range(frames):
                await self.application_queue.get()

    async def until_read(self) -> None:
        """Return when the network is read from."""
        await asyncio.wait_for(self.transport.reads.wait(), 20 * PATIENCE)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment is short."""
    monkeypatch.setattr(paced_daphne, "MOMENT", 0.01)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("frame", [PING, INVALID], ids=["ping", "invalid"])
async def test_frames_that_came_together_are_taken_in_several_moments(frame: bytes) -> None:
    """Nothing more is read from the network meanwhile, and no frame is lost."""
    opened = cast(Any, Opened)()
    opened._dataReceived(frame * 3 * MOST_FRAMES)
    assert (opened.begun, opened.transport.reads.is_set()) == (MOST_FRAMES, False)
    await opened.taken(3 * MOST_FRAMES)
    await opened.until_read()
    assert (opened.begun, opened.data) == (3 * MOST_FRAMES, b"")


@pytest.mark.usefixtures("hasty")
async def test_frames_wait_for_the_app() -> None:
    """While the app has not taken the earlier frames, no more are read."""
    opened = cast(Any, Opened)()
    for _ in range(MOST_UNTAKEN):
        opened.application_queue.put_nowait("an earlier one")
    opened._dataReceived(INVALID)
    assert (opened.begun, opened.transport.reads.is_set()) == (0, False)
    opened.application_queue.get_nowait()
    await opened.until_read()
    assert opened.begun == 1


async def test_a_frame_in_pieces_counts_once() -> None:
    """A long message may come in any number of pieces without delay."""
    opened = cast(Any, Opened)()
    opened._dataReceived(bytes([0x81, 0xFE, 0x10, 0x00, 0, 0, 0, 0]))
    for _ in range(0x1000):
        opened._dataReceived(b"x")
    assert (opened.application_queue.qsize(), opened.transport.reads.is_set()) == (1, True)
