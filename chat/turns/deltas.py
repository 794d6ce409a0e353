"""The events for the pieces of a model's reply."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from chat.domain.events import Delta, ReasoningDelta, ReasoningEnded, TextDelta
from chat.domain.messages import Reasoning


class Deltas:
    """Converts the pieces of one reply, in order. ``now`` is a clock, in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._thinking_since: float | None = None

    def of(self, piece: str | Reasoning) -> Iterator[Delta]:
        """The events for the next piece: text ends the reasoning before it."""
        if isinstance(piece, Reasoning):
            if self._thinking_since is None:
                self._thinking_since = self._now()
            yield ReasoningDelta(_valid(piece.text))
            return
        if self._thinking_since is not None:
            yield ReasoningEnded(round(self._now() - self._thinking_since, 1))
            self._thinking_since = None
        yield TextDelta(_valid(piece))


def _valid(text: str) -> str:
    """``text`` without half characters, which are legal in JSON, but nowhere else."""
    return text.encode(errors="replace").decode()
