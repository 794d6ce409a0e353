"""The turn that is being answered, as one page shows it. It is dropped when the turn ends."""

from __future__ import annotations

from collections.abc import Sequence

from chat.domain.events import Delta, ReasoningDelta, ReasoningEnded, TextDelta, TurnStarted
from chat.page import fragments
from chat.page.drawing import draw
from chat.page.growing_reply import GrowingReply
from chat.page.screen.growing_thoughts import GrowingThoughts


class GrowingTurn:
    """The user's message and the reply so far, as much of it as is needed to show the next piece."""

    __slots__ = ("_added", "_reply", "_thoughts", "started")

    def __init__(self, started: TurnStarted) -> None:
        self.started = started
        self._reply = GrowingReply()
        self._added: list[str] = []
        self._thoughts = GrowingThoughts()

    @property
    def turn_id(self) -> str:
        return self.started.turn_id

    def add(self, delta: Delta) -> None:
        """Another piece of the reply or of the reasoning before it, to be shown with the next frame."""
        match delta:
            case TextDelta(text):
                self._added.append(text)
            case ReasoningDelta(text):
                self._thoughts.add(text)
            case ReasoningEnded(seconds):
                self._thoughts.end(seconds)

    async def grown(self) -> Sequence[str]:
        """Swaps for the pieces that were added since the last call."""
        return [*self._thoughts.grown(self.turn_id), *await self._said()]

    async def _said(self) -> Sequence[str]:
        if not self._added:
            return []
        added = "".join(self._added)
        self._added.clear()
        parts = self._reply.add(added)
        return fragments.text(self.turn_id, await draw(self._reply.drawn(parts), self._reply.render, parts))
