"""A circuit breaker: a failing model is left alone, longer each time, until one fold tries it again."""

from __future__ import annotations

from enum import Enum

from motorhead.exceptions import ModelBusy, ModelError, ModelFailed, ModelRejected

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

    A `ModelFailed` may be the fault of a session's text. Until the model answers again, the first session that has one
    leaves the circuit CLOSED. Pauses after further ones, or after a `ModelBusy`, do not grow: each session that has
    failed rests by other means, and the others try the model in turn.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._suspect: bytes | None = None
        self.circuit = Circuit.CLOSED
        self.trouble: ModelError | None = None

    def answered(self) -> None:
        """Close the circuit: the model works."""
        self.circuit, self.trouble, self._failures, self._suspect = Circuit.CLOSED, None, 0, None

    def failed(self, session_id: bytes, error: ModelError) -> float | None:
        """Note that a fold of the session ended with ``error``; the pause that begins, or None if none does."""
        if self.circuit is Circuit.CLOSED and self._is_of_session(session_id, error):
            return None
        self.trouble = error
        if self.circuit is Circuit.OPEN:
            return None
        self.circuit = Circuit.OPEN
        if isinstance(error, ModelFailed):
            return 1.0
        pause = LONGEST_PAUSE if isinstance(error, ModelRejected) else min(2.0**self._failures, LONGEST_PAUSE)
        self._failures += 1
        return pause

    def _is_of_session(self, session_id: bytes, error: ModelError) -> bool:
        """Whether the cause may be the session's text: no other session has failed since the model's last answer."""
        if not isinstance(error, ModelFailed) or isinstance(error, ModelBusy):
            return False
        self._suspect = self._suspect or session_id
        return self._suspect == session_id

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
