"""The circuit breaker: a failing model is left alone, and one fold shows whether it works again."""

from __future__ import annotations

import pytest

from motorhead.exceptions import ModelError, ModelRejected, ModelUnavailable
from motorhead.folding.breaker import LONGEST_PAUSE, Breaker, Circuit

DOWN = ModelUnavailable("The summary model cannot be reached.")
REFUSED = ModelRejected("Look at the key.")

#: The events that bring a breaker into each state of its circuit.
INTO = {Circuit.CLOSED: [], Circuit.OPEN: ["failed"], Circuit.TRYING: ["failed", "try_model"]}


def happen(breaker: Breaker, event: str, error: ModelError = DOWN) -> float | None:
    """Make ``event`` happen; the pause that it begins."""
    pause: float | None = breaker.failed(error) if event == "failed" else getattr(breaker, event)()
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
        breaker.failed(error)
        assert breaker.trouble is error
