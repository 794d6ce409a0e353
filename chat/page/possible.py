"""What can be done to a session's memory now, and why something cannot."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from django.utils.translation import gettext, gettext_noop

from chat.domain.messages import FoldState, Memory

NOTHING = gettext_noop("Nothing is remembered of this session yet.")
HALF = gettext_noop("The window is at most half full, so there is nothing to fold yet. Fold up to a message instead.")
OFF = gettext_noop("Folding is switched off on this memory server.")


@dataclass(frozen=True, slots=True)
class Possible:
    """For each verb the sentence that says why it is not possible, "" if it is.

    ``no_fold`` is about folding up to a message, ``no_half`` about folding the older half of the window.
    """

    no_edit: str = ""
    no_fold: str = ""
    no_half: str = ""
    no_versions: str = ""
    no_instructions: str = ""


#: docs/motorhead-protocol.md has these sentences, too.
ON_THE_ORIGINAL = Possible(
    no_edit=gettext_noop("This memory server may lose an edit made during a fold."),
    no_fold=gettext_noop("This memory server cannot fold up to a message."),
    no_half=gettext_noop("This memory server folds only when the window is full."),
    no_versions=gettext_noop("This memory server keeps only the newest summary."),
    no_instructions=gettext_noop("This memory server takes no instructions for its summaries."),
)
NO_SEARCH = gettext_noop("This memory server cannot search.")


def possible(memory: Memory) -> Possible:
    """What can be done to ``memory``. The original memory server has none of these verbs."""
    return Possible(*(gettext(why) if why else "" for why in astuple(_possible(memory))))


def _possible(memory: Memory) -> Possible:
    if not memory.can_change:
        return ON_THE_ORIGINAL
    if memory.is_empty:
        return Possible(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
    if memory.window.fold is FoldState.OFF:
        return Possible(no_fold=OFF, no_half=OFF)
    return Possible(no_half=HALF if len(memory.messages) <= memory.window.size // 2 else "")
