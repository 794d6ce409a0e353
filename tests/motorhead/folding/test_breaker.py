"""The circuit breaker: a failing model is left alone, and one fold shows whether it works again."""

from __future__ import annotations

import pytest

from motorhead.exceptions import ModelBusy, ModelError, ModelFailed, ModelRejected, ModelUnavailable
from motorhead.folding.breaker import LONGEST_PAUSE, Breaker, Circuit

DOWN = ModelUnavailable("The summary model cannot be reached.")
REFUSED = ModelRejected("Look at the key.")
BUSY = ModelBusy("The summary model is receiving too many requests.", 45)
FAILED = ModelFailed("The summary model fails (status 500).")
ID = b"s"

#: The events that bring a breaker into each state of its circuit.
INTO = {Circuit.CLOSED: [], Circuit.OPEN: ["failed"], Circuit.TRYING: ["failed", "try_model"]}


def happen(breaker: Breaker, event: str, error: ModelError = DOWN, session_id: bytes = ID) -> float | None:
    """Make ``event`` happen; the pause that it begins."""
    pause: float | None = breaker.failed(session_id, error) if event == "failed" else getattr(breaker, event)()
    return pause


@pytest.mark.parametrize(
    ("circuit", "event", "after", "pause"),
    [
        (Circuit.CLOSED, "answered", Circuit.CLOSED, None),
        (Circuit.CLOSED, "failed", Circuit.OPEN, 1.0),
        (Circuit.CLOSED, "inconclusive", Circuit.CLOSED, None),
        (Circuit.OPEN, "answered", Circuit.CLOSED, None),
        (Circuit.OPEN, "failed", Circuit.OPEN, None),
        (Circuit.OPEN, "inconclusive", Circuit.OPEN, None),
        (Circuit.OPEN, "try_model", Circuit.TRYING, None),
        (Circuit.TRYING, "answered", Circuit.CLOSED, None),
        (Circuit.TRYING, "failed", Circuit.OPEN, 2.0),
        (Circuit.TRYING, "inconclusive", Circuit.OPEN, 1.0),
    ],
)
def test_the_circuit_goes_from_state_to_state(
    circuit: Circuit, event: str, after: Circuit, pause: float | None
) -> None:
    """Every event in every state leads to the state and the pause in the table."""
    breaker = Breaker()
    for earlier in INTO[circuit]:
        happen(breaker, earlier)
    assert breaker.circuit is circuit
    assert happen(breaker, event) == pause
    assert breaker.circuit is after
    assert (breaker.trouble is None) is (after is Circuit.CLOSED)


@pytest.mark.parametrize(
    ("error", "pauses"), [(DOWN, [1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE]), (REFUSED, [LONGEST_PAUSE] * 3)]
)
def test_each_failure_makes_the_pause_longer(error: ModelError, pauses: list[float]) -> None:
    """The pause grows up to a limit, reached at once if a setting has to be corrected; an answer resets it."""
    breaker = Breaker()
    for pause in pauses:
        assert happen(breaker, "failed", error) == pause
        breaker.try_model()
    breaker.answered()
    assert happen(breaker, "failed") == 1.0


def test_the_newest_failure_is_the_trouble() -> None:
    """This includes the failure of a fold that was under way when the circuit opened."""
    breaker = Breaker()
    for error in (DOWN, REFUSED):
        breaker.failed(ID, error)
        assert breaker.trouble is error


def test_a_failure_of_one_session_leaves_the_circuit_closed() -> None:
    """However often its fold fails, the cause may be its text; another session's failure says that it is not."""
    breaker = Breaker()
    for _ in range(3):
        assert happen(breaker, "failed", FAILED) is None
        assert breaker.circuit is Circuit.CLOSED
        assert breaker.trouble is None
    assert happen(breaker, "failed", FAILED, b"other") == 1.0
    assert breaker.circuit is Circuit.OPEN
    assert breaker.trouble is FAILED


def test_an_answer_clears_the_suspicion() -> None:
    """After the model has answered, it takes two sessions again to open the circuit."""
    breaker = Breaker()
    happen(breaker, "failed", FAILED)
    breaker.answered()
    assert happen(breaker, "failed", FAILED, b"other") is None
    assert happen(breaker, "failed", FAILED) == 1.0


@pytest.mark.parametrize("error", [BUSY, FAILED])
def test_a_model_that_answers_with_failures_is_tried_at_an_even_pace(error: ModelError) -> None:
    """Each session that has failed rests by other means, so the others need not wait longer each time."""
    breaker = Breaker()
    happen(breaker, "failed", FAILED, b"other")
    for _ in range(5):
        assert happen(breaker, "failed", error) == 1.0
        breaker.try_model()
    assert happen(breaker, "failed", DOWN) == 1.0


def test_a_limited_rate_is_every_sessions() -> None:
    """The first 429 opens the circuit."""
    breaker = Breaker()
    assert happen(breaker, "failed", BUSY) == 1.0
    assert breaker.circuit is Circuit.OPEN
