"""Sessions whose fold failed, perhaps for a reason of their own: each rests longer every time, others go on."""

from __future__ import annotations

from motorhead.folding.breaker import LONGEST_PAUSE


class Setbacks:
    """Counts the failures in a row of each session."""

    def __init__(self) -> None:
        self._counts: dict[bytes, int] = {}

    def add(self, session_id: bytes) -> float:
        """Count one more failure of the session; how long it rests, in multiples of the base pause."""
        count = self._counts.get(session_id, 0)
        self._counts[session_id] = count + 1
        return min(2.0 ** min(count, 10), LONGEST_PAUSE)

    def clear(self, session_id: bytes) -> None:
        """Reset the count of a session that was folded, or has nothing left to fold."""
        self._counts.pop(session_id, None)
