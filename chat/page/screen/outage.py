"""What a page says is away, and what ends it: values in, swaps out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from chat.domain.exceptions import MemoryServerError, RunLogUnreachable
from chat.domain.sentences import Situation, sentence
from chat.page import fragments


class Away(Enum):
    """What does not answer."""

    NOTHING = auto()
    #: Ends when a memory comes.
    MEMORY = auto()
    #: Ends when the store answers: then the memory is asked for, and its coming takes the sentence away.
    STORE = auto()


@dataclass(frozen=True, slots=True)
class Outage:
    """What is ``away``, and the sentence about it above the messages."""

    away: Away
    sentence: str


NO_OUTAGE = Outage(Away.NOTHING, "")


def outage_of(error: MemoryServerError | RunLogUnreachable) -> Outage:
    """The outage that ``error`` tells of."""
    away = Away.STORE if isinstance(error, RunLogUnreachable) else Away.MEMORY
    return Outage(away, sentence(error, Situation.WATCHING))


def outage_changes(before: Outage, now: Outage) -> Sequence[str]:
    """Swaps for the sentence, where it is another one now."""
    return [] if before == now else [fragments.outage(now.sentence)]
