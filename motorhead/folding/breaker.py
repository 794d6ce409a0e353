"""A circuit breaker: a failing model is left alone, longer each time, until one fold tries it again."""

from __future__ import annotations

from enum import Enum

from motorhead.exceptions import ModelError, ModelRejected

#: The longest pause, in multiples of the base pause.
LONGEST_PAUSE = 60.0


class Circuit(Enum):
    """Which folds may start, by the state of the circuit."""

    CLOSED = "all"
    OPEN = "none, until a pause is over"
    TRYING = "none, while one of them tries the model"


class Breaker:
    """Decides from the results of folds whether the model may be asked. Pauses are multiples of the base pause.

    circuit  answered  failed            inconclusive  try_model
    CLOSED   CLOSED    OPEN for a pause  CLOSED
    OPEN     CLOSED    OPEN              OPEN          TRYING
    TRYING   CLOSED    OPEN for a pause  OPEN for 1
    """

    def __init__(self) -> None:
        self._failures = 0
        self.circuit = Circuit.CLOSED
        self.trouble: ModelError | None = None

    def answered(self) -> None:
        """Close the circuit: the model works."""
        self.circuit, self.trouble, self._failures = Circuit.CLOSED, None, 0

    def failed(self, error: ModelError) -> float | None:
        """Open the circuit because of ``error``; the pause that begins, or None during a pause."""
        self.trouble = error
        if self.circuit is Circuit.OPEN:
            return None
        pause = LONGEST_PAUSE if isinstance(error, ModelRejected) else min(2.0**self._failures, LONGEST_PAUSE)
        self.circuit, self._failures = Circuit.OPEN, self._failures + 1
        return pause

    def inconclusive(self) -> float | None:
        """Open the circuit again after a trial that never asked the model; the pause that begins, or None.

        Called when no fold is under way.
        """
        if self.circuit is not Circuit.TRYING:
            return None
        self.circuit = Circuit.OPEN
        return 1.0

    def try_model(self) -> None:
        """Allow no folds until one has shown whether the model works again."""
        self.circuit = Circuit.TRYING
