"""What the run log takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chat.domain.events import Event
from chat.domain.runs import RunState
from chat.domain.session_ids import Session

#: Of a worker that wrote into a run: go on, or the user wishes it to stop.
WriteResult: TypeAlias = Literal["ok", "stop"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The session's run, and whether it was ``begun`` now: if not, it is the active one, or this turn's, ended.

    ``idle``: seconds since the session's latest run ended; None when that is longer ago than ended runs are known.
    """

    state: RunState
    begun: bool
    idle: float | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that was taken over: ``reply`` is None unless it only remains to be appended."""

    session: Session
    turn_id: str
    generation: int
    text: str
    reply: str | None = None
    stopped: bool = False
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries to be written: ``events`` from ``seq`` on. None of them: the lease is renewed, no more."""

    memory_id: str
    turn_id: str
    generation: int
    seq: int
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class LogSlice:
    """What a reader finds: whose the log is now, the entries behind its place, and the log's last ``seq``."""

    generation: int
    ended: bool
    lapsed: bool
    last_seq: int
    events: Sequence[Event]
