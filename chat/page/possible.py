"""What can be done to a session's memory now, and why something cannot."""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.exceptions import NotSupported
from chat.domain.messages import FoldState, Memory
from chat.domain.sentences import Situation, sentence

NOTHING = "Nothing is remembered of this session yet."
HALF = "The window is at most half full, so there is nothing to fold yet. Fold up to a message instead."
OFF = "Folding is switched off on this memory server."


@dataclass(frozen=True, slots=True)
class Possible:
    """For each verb the sentence that says why it is not possible, "" if it is.

    ``no_change`` is about the summary, its versions and the instructions for it; ``no_fold`` about folding up to a
    message, ``no_half`` about folding the older half of the window.
    """

    no_change: str = ""
    no_fold: str = ""
    no_half: str = ""


def possible(memory: Memory) -> Possible:
    """What can be done to ``memory``. The original memory server has none of these verbs."""
    if not memory.can_change:
        unsupported = sentence(NotSupported(), Situation.LOOKING)
        return Possible(unsupported, unsupported, unsupported)
    if memory.is_empty:
        return Possible(NOTHING, NOTHING, NOTHING)
    if memory.window.fold is FoldState.OFF:
        return Possible(no_fold=OFF, no_half=OFF)
    return Possible(no_half=HALF if len(memory.messages) <= memory.window.size // 2 else "")
