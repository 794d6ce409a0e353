"""The outcome of the model's part of a turn: its state between the reply's last piece and the append."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chat.domain.events import TurnFailed
from chat.domain.exceptions import ChatError, ModelCut, ModelSilent
from chat.domain.sentences import sentence


@dataclass(frozen=True, slots=True)
class Answered:
    """The model completed ``reply``."""

    reply: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The model's own limit or filter cut ``reply`` short: ``by`` is "length" or "content_filter"."""

    reply: str
    by: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped ``reply``, which is "" before its first word."""

    reply: str


@dataclass(frozen=True, slots=True)
class Failed:
    """There is nothing to remember. ``event`` is the turn's last event."""

    event: TurnFailed


Outcome: TypeAlias = Answered | Cut | Stopped | Failed


def outcome_of(reply: str, *, stopped: bool, error: ChatError | None = None) -> Outcome:
    """The outcome of ``reply``, which the user may have ``stopped`` or ``error`` may have ended.

    An error takes precedence over a stop, and a stop over a cut.
    """
    if error is not None and not (isinstance(error, ModelCut) and reply):
        return Failed(failed(error, reply))
    if stopped:
        return Stopped(reply)
    if isinstance(error, ModelCut):
        return Cut(reply, error.cut)
    return Answered(reply) if reply else Failed(failed(ModelSilent()))


def failed(error: ChatError, reply: str = "") -> TurnFailed:
    """The last event of a turn that failed with ``error`` after ``reply``."""
    return TurnFailed(error.code, sentence(error), error.retryable, reply, error.retry_after)
