"""Arguments and results of the run log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chat.domain.events import Event
from chat.domain.prompts import SentPrompt, TurnEnd
from chat.domain.runs import RunState
from chat.domain.session_ids import Session

#: The result of writing to a run: "ok" to continue, or "stop" at the user's request.
WriteResult: TypeAlias = Literal["ok", "stop"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The session's run, and whether it was ``begun`` now. If not, it is the active run, or this turn's ended one.

    ``idle``: seconds since the session's last run ended; None if that run is no longer known.
    """

    state: RunState
    begun: bool
    idle: float | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that was taken over. ``reply`` is set if it is complete and only has to be appended."""

    session: Session
    turn_id: str
    generation: int
    text: str
    reply: str | None = None
    stopped: bool = False
    epoch: str | None = None
    replace_after: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries to be written: ``events`` from ``seq`` on. Without events only the lease is renewed.

    ``sent`` and ``end`` are to be kept beside them.
    """

    memory_id: str
    turn_id: str
    generation: int
    seq: int
    events: Sequence[Event]
    sent: SentPrompt | None = None
    end: TurnEnd | None = None


@dataclass(frozen=True, slots=True)
class LogSlice:
    """A read of the log: the run's current generation and state, the entries after a position, and the last ``seq``."""

    generation: int
    ended: bool
    lapsed: bool
    last_seq: int
    events: Sequence[Event]
