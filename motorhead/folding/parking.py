"""What becomes of a session whose summary the model refuses: it is tried again later, and parked in the end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

#: The number of refusals in a row that parks a session.
REFUSALS_BEFORE_PARKING = 3
#: How long a parked session rests, in multiples of the base pause.
PARKED_PAUSE = 300.0


class Standing(Enum):
    """What a refused session waits for."""

    RETRYING = "its next try"
    PARKED = "a person, or a try that is far away"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The ``count``-th refusal in a row of a session's summary."""

    count: int

    @property
    def standing(self) -> Standing:
        """What the session waits for now."""
        return Standing.PARKED if self.count >= REFUSALS_BEFORE_PARKING else Standing.RETRYING

    @property
    def pause(self) -> float:
        """How long it rests, in multiples of the base pause."""
        return PARKED_PAUSE if self.standing is Standing.PARKED else 2.0**self.count


class Parking:
    """Counts the refusals of each session."""

    def __init__(self) -> None:
        self._counts: dict[bytes, int] = {}

    def refuse(self, session_id: bytes) -> Refusal:
        """Count a refusal."""
        refusal = Refusal(self._counts.get(session_id, 0) + 1)
        self._counts[session_id] = refusal.count
        return refusal

    def release(self, session_id: bytes) -> None:
        """Forget the refusals of a session that has nothing left to fold."""
        self._counts.pop(session_id, None)
