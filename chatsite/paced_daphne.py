"""Frames that are read at a bounded pace, so that no client keeps a worker from its others.

Autobahn takes apart all that has arrived before anything else happens, and Daphne keeps it for the app. In the 64 kB
that the reactor reads at once are up to ten thousand frames, and the next as many wait in the kernel. Here a socket's
frames wait there instead: past a number in each moment, and while the app has not taken the earlier ones.
"""

from __future__ import annotations

import asyncio

from daphne.ws_protocol import WebSocketProtocol

#: Frames that may begin within a moment, pings among them: far more than people and their pages send.
MOST_FRAMES = 32
#: Seconds.
MOMENT = 0.1
#: Messages that may wait for the app.
MOST_UNTAKEN = 32


class PacedSocket(WebSocketProtocol):  # type: ignore[misc]  # Daphne has no types
    """A websocket that reads on when it has time for the client."""

    _frames = 0
    _moment_ends = 0.0
    _holds = False

    def processData(self) -> bool:  # noqa: N802
        """Take the next frame, or the next part of one, from what has arrived. Returns whether to go on."""
        if self.current_frame is None and not self._may_begin():
            self._hold()
            return False
        more: bool = super().processData()
        return more

    def _may_begin(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now >= self._moment_ends:
            self._moment_ends, self._frames = now + MOMENT, 0
        self._frames += 1
        return self._frames <= MOST_FRAMES and self.application_queue.qsize() < MOST_UNTAKEN

    def _hold(self) -> None:
        if not self._holds:
            self._holds = True
            self.transport.pauseProducing()
            asyncio.get_running_loop().call_later(MOMENT, self._go_on)

    def _go_on(self) -> None:
        self._holds = False
        self.consumeData()
        if not self._holds:
            self.transport.resumeProducing()
