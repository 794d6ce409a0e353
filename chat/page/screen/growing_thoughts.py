"""A model's reasoning while it streams, as one page shows it."""

from __future__ import annotations

from collections.abc import Sequence

from chat.page import fragments
from chat.page.bubbles import MOST_SHOWN


class GrowingThoughts:
    """The reasoning before an answer, as much of it as is needed to show the next piece."""

    __slots__ = ("_added", "_ended", "_left", "_seconds")

    def __init__(self) -> None:
        self._added: list[str] = []
        self._left = MOST_SHOWN
        self._seconds = 0.0
        self._ended = False

    def add(self, text: str) -> None:
        """Another piece. Only the first `MOST_SHOWN` characters of the reasoning are shown."""
        shown = text[: self._left]
        self._left -= len(shown)
        if shown:
            self._added.append(shown if self._left else f"{shown}…")

    def end(self, seconds: float) -> None:
        """The model has thought for so long, in addition to what it has before."""
        self._seconds += seconds
        self._ended = True

    def grown(self, turn_id: str) -> Sequence[str]:
        """Swaps for what is new since the last call, in the turn ``turn_id``."""
        added, ended = "".join(self._added), self._ended
        self._added.clear()
        self._ended = False
        swaps = [fragments.thoughts(turn_id, added)] if added else []
        return [*swaps, fragments.thought_for(turn_id, self._seconds)] if ended else swaps
