"""What the model's part of a turn came to: the states between the reply's last piece and its append."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chat.domain.events import TurnFailed
from chat.domain.exceptions import ChatError, ModelCut, ModelSilent
from chat.domain.sentences import sentence


@dataclass(frozen=True, slots=True)
class Answered:
    """The model said all of ``reply``."""

    reply: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The model's own limit or filter ended ``reply``: ``by`` is "length" or "content_filter"."""

    reply: str
    by: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user ended ``reply``, which is "" before its first word."""

    reply: str


@dataclass(frozen=True, slots=True)
class Failed:
    """There is nothing to remember; ``event`` is the turn's last."""

    event: TurnFailed


Outcome: TypeAlias = Answered | Cut | Stopped | Failed


def outcome_of(reply: str, *, stopped: bool, error: ChatError | None = None) -> Outcome:
    """What ``reply`` came to, which the user may have ``stopped`` and ``error`` may have ended.

    An error outweighs a stop, and a stop outweighs a cut.
    """
    if error is not None and not (isinstance(error, ModelCut) and reply):
        return Failed(failed(error, reply))
    if stopped:
        return Stopped(reply)
    if isinstance(error, ModelCut):
        return Cut(reply, error.cut)
    return Answered(reply) if reply else Failed(failed(ModelSilent()))


def failed(error: ChatError, reply: str = "") -> TurnFailed:
    """The end of a turn that ``error`` has ended, after ``reply``."""
    return TurnFailed(error.code, sentence(error), error.retryable, reply)
