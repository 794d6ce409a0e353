"""How much the model can read, as far as its refusals have shown."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds after which a limit is forgotten: the model may have been given a longer context since.
REMEMBERED = 3600.0
#: The part of the model's own limit that is left to its answer, and the most tokens of it.
ANSWERS_PART, MOST_FOR_ANSWER = 4, 2048


class ModelLimit:
    """The tokens of a prompt that this process may send. It knows no limit until the model has refused a prompt."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = 0
        self._until = float("-inf")

    def within(self, budget: int) -> int:
        """The ``budget``, or less if the model cannot read as much."""
        return min(budget, self._tokens) if self._clock() < self._until else budget

    def learn(self, tokens: int) -> None:
        """Remember that prompts may have ``tokens``."""
        self._tokens = tokens
        self._until = self._clock() + REMEMBERED


def room_for_prompt(limit: int) -> int:
    """The tokens of a prompt for a model that reads and writes ``limit`` tokens in all."""
    return limit - min(limit // ANSWERS_PART, MOST_FOR_ANSWER)


def smaller(tokens: int, limit: int | None) -> int:
    """The budget after a prompt of an estimated ``tokens`` was refused by a model with ``limit`` (None: unknown).

    The estimate may be too low for the text, so it is halved even if it seems to fit into the limit.
    """
    if limit is not None and (room := room_for_prompt(limit)) < tokens:
        return room
    return tokens // 2
