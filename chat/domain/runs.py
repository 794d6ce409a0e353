"""What a run is for, how it stands, and the places of its events."""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.events import Event
from chat.domain.session_ids import Session


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the user to be answered, by ``worker`` in process ``pid``."""

    session: Session
    turn_id: str
    text: str
    worker: str
    pid: int


@dataclass(frozen=True, slots=True)
class RunState:
    """A session's run: active, or ``ended`` less than five minutes ago."""

    turn_id: str
    generation: int
    text: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a run: the entry ``seq`` of a generation was read, and all before it."""

    turn_id: str
    generation: int
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and its place. `Restarted` stands at seq -1: the whole turn follows."""

    cursor: Cursor
    event: Event
