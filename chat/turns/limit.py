"""How much the model can read, as far as its refusals have shown."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

#: Seconds after which a limit is forgotten: the model may have been given a longer context since.
REMEMBERED = 3600.0
#: The part of the model's own limit that is left to its answer, and the most tokens of it.
ANSWERS_PART, MOST_FOR_ANSWER = 4, 2048
#: Sessions whose own limits are kept.
MOST_SESSIONS = 1000

#: Tokens, and the time until which they are remembered.
_Lesson: TypeAlias = tuple[int, float]
_NONE: _Lesson = 0, float("-inf")


class ModelLimit:
    """The tokens of a prompt that this process may send. It knows no limit until the model has refused a prompt.

    A limit that the model names as a number holds for every session. One found by trying depends on the text, so it
    holds only for its session, and only those of the last `MOST_SESSIONS` sessions are kept.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._named = _NONE
        self._found: OrderedDict[str, _Lesson] = OrderedDict()

    def within(self, budget: int, session: str) -> int:
        """The ``budget`` of a prompt in ``session`` (its memory id), or less if the model cannot read as much."""
        lessons = (self._named, self._found.get(session, _NONE))
        return min([budget, *(tokens for tokens, until in lessons if self._clock() < until)])

    def learn(self, tokens: int) -> None:
        """Remember that prompts may have ``tokens``: the model has named its limit."""
        self._named = tokens, self._clock() + REMEMBERED

    def find(self, tokens: int, session: str) -> None:
        """Remember that a prompt of an estimated ``tokens`` fits in ``session``, and a longer one may not."""
        self._found[session] = tokens, self._clock() + REMEMBERED
        self._found.move_to_end(session)
        if len(self._found) > MOST_SESSIONS:
            self._found.popitem(last=False)


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
