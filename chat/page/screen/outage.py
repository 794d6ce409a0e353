"""Outages shown on a page, as pure functions to swaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from chat.domain.exceptions import MemoryServerError, RunLogUnreachable
from chat.domain.sentences import Situation
from chat.page import fragments
from chat.web.wording import worded


class Away(Enum):
    """Which server does not answer."""

    NOTHING = auto()
    #: Ends when the memory arrives.
    MEMORY = auto()
    #: Ends when the store answers: the memory is then requested, and its arrival removes the sentence.
    STORE = auto()


@dataclass(frozen=True, slots=True)
class Outage:
    """What is ``away``, and the sentence about it above the messages."""

    away: Away
    sentence: str


NO_OUTAGE = Outage(Away.NOTHING, "")


def outage_of(error: MemoryServerError | RunLogUnreachable) -> Outage:
    """The outage behind ``error``."""
    away = Away.STORE if isinstance(error, RunLogUnreachable) else Away.MEMORY
    return Outage(away, worded(error, Situation.WATCHING))


def outage_changes(before: Outage, now: Outage) -> Sequence[str]:
    """Swaps for the sentence, if it has changed."""
    return [] if before == now else [fragments.outage(now.sentence)]
