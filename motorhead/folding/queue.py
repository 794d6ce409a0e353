"""Which sessions are to be folded, in which order, and which of them are being folded now."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from time import monotonic


class Phase(Enum):
    """Where a session of the queue stands."""

    WAITING = "waits for its turn"
    FOLDING = "is being folded"
    AGAIN = "is being folded, and was added once more meanwhile"
    RESTING = "has no turn until it is woken"


@dataclass(slots=True)
class _Entry:
    phase: Phase
    since: float


class FoldQueue:
    """The sessions to fold, each of them once. One that comes to wait goes to the end.

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
        """Have the session folded; False if it was in the queue already."""
        entry = self._entries.get(session_id)
        if entry is None:
            self._entries[session_id] = _Entry(Phase.WAITING, monotonic())
            self._line.append(session_id)
        elif entry.phase is Phase.FOLDING:
            entry.phase = Phase.AGAIN
        return entry is None

    @property
    def ready(self) -> bool:
        """Whether a session waits for its turn."""
        return bool(self._line)

    def take(self) -> bytes:
        """The session that has waited longest for its turn, which is being folded from now on."""
        session_id = self._line.popleft()
        self._entries[session_id].phase = Phase.FOLDING
        self.folding += 1
        return session_id

    def finish(self, session_id: bytes) -> None:
        """End a fold that leaves nothing to do, unless the session was added meanwhile."""
        if self._entries[session_id].phase is Phase.AGAIN:
            self.put_back(session_id)
            return
        self.folding -= 1
        del self._entries[session_id]

    def put_back(self, session_id: bytes) -> None:
        """End a fold that is to be tried once more."""
        self.folding -= 1
        self.wake(session_id)

    def rest(self, session_id: bytes) -> None:
        """End a fold that is to be tried once more when the session is woken."""
        self.folding -= 1
        self._entries[session_id].phase = Phase.RESTING

    def wake(self, session_id: bytes) -> None:
        """Have a resting session wait for its turn."""
        self._entries[session_id].phase = Phase.WAITING
        self._line.append(session_id)

    def phase(self, session_id: bytes) -> Phase | None:
        """Where the session stands; None if it is not to be folded."""
        entry = self._entries.get(session_id)
        return None if entry is None else entry.phase

    @property
    def waiting(self) -> int:
        """How many sessions wait or rest."""
        return len(self._entries) - self.folding

    @property
    def lag(self) -> float:
        """Seconds since the oldest session of the queue was added; 0 if the queue is empty."""
        return monotonic() - next(iter(self._entries.values())).since if self._entries else 0.0
