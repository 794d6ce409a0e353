"""The turn that is being answered, as one page shows it. It is dropped when the turn ends."""

from __future__ import annotations

from collections.abc import Sequence

from chat.domain.events import TurnStarted
from chat.page import fragments
from chat.page.drawing import draw
from chat.page.growing_reply import GrowingReply


class GrowingTurn:
    """The user's message and the reply so far, as much of it as is needed to show the next piece."""

    __slots__ = ("_added", "_reply", "started")

    def __init__(self, started: TurnStarted) -> None:
        self.started = started
        self._reply = GrowingReply()
        self._added: list[str] = []

    @property
    def turn_id(self) -> str:
        return self.started.turn_id

    def add(self, text: str) -> None:
        """Another piece of the reply, to be shown with the next frame."""
        self._added.append(text)

    async def grown(self) -> Sequence[str]:
        """Swaps for the pieces that were added since the last call."""
        if not self._added:
            return []
        added = "".join(self._added)
        self._added.clear()
        finished = self._reply.add(added)
        html = await draw([finished], self._reply.render, finished) if finished else ""
        return fragments.text(self.turn_id, html, self._reply.tail if html else "", added)
