"""Runs: the turn that a run answers, its state, and positions in its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chat.domain.events import Event, TurnStarted
from chat.domain.session_ids import Session


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of the user, answered by ``worker`` in process ``pid``.

    ``replace_after``: the exchange replaces the messages behind the one with this id ("0": all); None: no message.
    """

    session: Session
    turn_id: str
    text: str
    worker: str
    pid: int
    replace_after: str | None = None

    @property
    def started(self) -> TurnStarted:
        """The turn's first event."""
        return TurnStarted(self.turn_id, self.text, self.worker, self.pid, self.replace_after)


@dataclass(frozen=True, slots=True)
class RunState:
    """A session's run: active, or ``ended`` less than five minutes ago.

    ``stopping``: it is active and was asked to stop, perhaps too late.
    """

    turn_id: str
    generation: int
    text: str
    ended: bool
    stopping: bool = False


class Cursor(NamedTuple):
    """A position in a run: everything up to entry ``seq`` of a generation was read."""

    turn_id: str
    generation: int
    seq: int


class Entry(NamedTuple):
    """An event and its position. `Restarted` has seq -1, since the whole turn follows."""

    cursor: Cursor
    event: Event
