"""The outcome of a reply, by its text, the user's stop and the model's error."""

from __future__ import annotations

import pytest

from chat.domain.events import TurnFailed
from chat.domain.exceptions import ChatError, MemoryUnreachable, ModelCut, ModelStalled
from chat.domain.sentences import sentence
from chat.turns.outcome import Answered, Cut, Failed, Outcome, Stopped, outcome_of

LENGTH, STALLED, UNLOADED = ModelCut("length"), ModelStalled(), MemoryUnreachable()


def failed(error: ChatError, reply: str = "") -> Failed:
    return Failed(TurnFailed(error.code, sentence(error), error.retryable, reply))


@pytest.mark.parametrize(
    ("reply", "stopped", "error", "outcome"),
    [
        ("Hi", False, None, Answered("Hi")),
        ("Hi", True, None, Stopped("Hi")),
        ("", True, None, Stopped("")),
        ("Hi", False, LENGTH, Cut("Hi", "length")),
        ("Hi", True, LENGTH, Stopped("Hi")),
        ("", False, LENGTH, failed(LENGTH)),
        ("", True, LENGTH, failed(LENGTH)),
        ("Hi", False, STALLED, failed(STALLED, "Hi")),
        ("Hi", True, STALLED, failed(STALLED, "Hi")),
        ("", False, UNLOADED, failed(UNLOADED)),
        ("", True, UNLOADED, failed(UNLOADED)),
    ],
)
def test_every_ending_has_its_outcome(reply: str, error: ChatError | None, outcome: Outcome, *, stopped: bool) -> None:
    """An error takes precedence over a stop, a stop over a cut, and a cut before the first word is an error."""
    assert outcome_of(reply, stopped=stopped, error=error) == outcome


def test_a_model_that_said_nothing_has_failed() -> None:
    """An empty answer is a failure that can be retried."""
    outcome = outcome_of("", stopped=False)
    assert isinstance(outcome, Failed)
    assert (outcome.event.code, outcome.event.retryable, outcome.event.reply) == ("model_silent", True, "")
