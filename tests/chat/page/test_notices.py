"""Sentences beside the message box: when each is over."""

from __future__ import annotations

import pytest

from chat.domain.events import TurnFailed, TurnFinished, TurnStopped
from chat.domain.exceptions import (
    ChatError,
    InvalidText,
    MemoryUnreachable,
    RunLogUnreachable,
    TooManyTurns,
    TurnInProgress,
)
from chat.page import notices


@pytest.mark.parametrize(("cut", "why"), [("length", "length limit"), ("content_filter", "content filter")])
def test_an_answer_that_was_cut_short_is_said_to_be(cut: str, why: str) -> None:
    """A whole answer, a stopped one and a failed one have nothing to say of that."""
    assert why in notices.shortfall(TurnFinished("Hi", cut=cut))
    for event in (TurnFinished("Hi"), TurnStopped("Hi"), TurnFailed("model_stalled", "No.", True)):
        assert notices.shortfall(event) == ""


@pytest.mark.parametrize(
    ("error", "over"),
    [
        (TurnInProgress("t"), notices.TURN),
        (RunLogUnreachable(), notices.STORE),
        (MemoryUnreachable(), notices.MEMORY),
        (TooManyTurns(3, 20), ""),
        (InvalidText("empty"), ""),
    ],
)
def test_a_sentence_waits_for_its_reason_to_go(error: ChatError, over: str) -> None:
    """What passes by itself takes its sentence with it; the rest waits for the user."""
    assert notices.ends_with(error) == over
