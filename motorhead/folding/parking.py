"""Sessions whose summary the model refuses: each is retried after a growing pause and finally parked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

#: After this many refusals in a row a session is parked.
REFUSALS_BEFORE_PARKING = 3
#: How long a parked session rests, in multiples of the base pause.
PARKED_PAUSE = 300.0


class Standing(Enum):
    """What a refused session is waiting for."""

    RETRYING = "its next try"
    PARKED = "a person, or a try much later"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The ``count``-th refusal in a row of one session's summary."""

    count: int

    @property
    def standing(self) -> Standing:
        """What the session is waiting for."""
        return Standing.PARKED if self.count >= REFUSALS_BEFORE_PARKING else Standing.RETRYING

    @property
    def pause(self) -> float:
        """How long the session rests, in multiples of the base pause."""
        return PARKED_PAUSE if self.standing is Standing.PARKED else 2.0**self.count


class Parking:
    """Counts the refusals of each session."""

    def __init__(self) -> None:
        self._counts: dict[bytes, int] = {}

    def refuse(self, session_id: bytes) -> Refusal:
        """Count one more refusal of the session."""
        refusal = Refusal(self._counts.get(session_id, 0) + 1)
        self._counts[session_id] = refusal.count
        return refusal

    def release(self, session_id: bytes) -> None:
        """Reset the count of a session that has nothing left to fold."""
        self._counts.pop(session_id, None)
