"""The sessions to fold, in order, and those being folded now."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from time import monotonic


class Phase(Enum):
    """The state of a session in the queue."""

    WAITING = "waiting for its turn"
    FOLDING = "being folded"
    AGAIN = "being folded, and to be folded again afterwards"
    RESTING = "without a turn until it is woken"


@dataclass(slots=True)
class _Entry:
    phase: Phase
    since: float


class FoldQueue:
    """The sessions to fold, each listed once. A session that starts waiting joins the end.

    phase      add      take     finish    rest     put_back  wake
    (absent)   WAITING
    WAITING    WAITING  FOLDING
    FOLDING    AGAIN             (absent)  RESTING  WAITING
    AGAIN      AGAIN             WAITING   RESTING  WAITING
    RESTING    RESTING                                        WAITING
    """

    def __init__(self) -> None:
        self._entries: dict[bytes, _Entry] = {}
        self._line: deque[bytes] = deque()
        self.folding = 0

    def add(self, session_id: bytes) -> bool:
        """Add the session; False if it was in the queue already."""
        entry = self._entries.get(session_id)
        if entry is None:
            self._entries[session_id] = _Entry(Phase.WAITING, monotonic())
            self._line.append(session_id)
        elif entry.phase is Phase.FOLDING:
            entry.phase = Phase.AGAIN
        return entry is None

    @property
    def ready(self) -> bool:
        """Whether a session is waiting for its turn."""
        return bool(self._line)

    def take(self) -> bytes:
        """Start folding the session that has waited longest; its id."""
        session_id = self._line.popleft()
        self._entries[session_id].phase = Phase.FOLDING
        self.folding += 1
        return session_id

    def finish(self, session_id: bytes) -> None:
        """End a fold and remove the session; if it was added again during the fold, it waits for another turn."""
        if self._entries[session_id].phase is Phase.AGAIN:
            self.put_back(session_id)
            return
        self.folding -= 1
        del self._entries[session_id]

    def put_back(self, session_id: bytes) -> None:
        """End a fold that must be retried; the session waits for another turn."""
        self.folding -= 1
        self.wake(session_id)

    def rest(self, session_id: bytes) -> None:
        """End a fold that must be retried after the session is woken."""
        self.folding -= 1
        self._entries[session_id].phase = Phase.RESTING

    def wake(self, session_id: bytes) -> None:
        """Move a resting session to the end of the waiting ones."""
        self._entries[session_id].phase = Phase.WAITING
        self._line.append(session_id)

    def phase(self, session_id: bytes) -> Phase | None:
        """The session's state; None if it is not in the queue."""
        entry = self._entries.get(session_id)
        return None if entry is None else entry.phase

    @property
    def waiting(self) -> int:
        """How many sessions are waiting or resting."""
        return len(self._entries) - self.folding

    @property
    def lag(self) -> float:
        """Seconds since the oldest session of the queue was added; 0 if the queue is empty."""
        return monotonic() - next(iter(self._entries.values())).since if self._entries else 0.0
