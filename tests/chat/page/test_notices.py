"""Sentences beside the message box: what each waits for."""

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
    """Complete, stopped and failed answers have none."""
    assert why in notices.shortfall(TurnFinished("Hi", cut=cut))
    for event in (TurnFinished("Hi"), TurnStopped("Hi"), TurnFailed("model_stalled", "No.", True)):
        assert notices.shortfall(event) == ""


@pytest.mark.parametrize(
    ("error", "over"),
    [
        (TurnInProgress("t"), notices.TURN),
        (RunLogUnreachable(), notices.STORE),
        (MemoryUnreachable(), notices.MEMORY),
        (RunLogUnreachable("disk_full"), ""),
        (MemoryUnreachable(reason="store_full"), ""),
        (TooManyTurns(3, 20), ""),
        (InvalidText("empty"), ""),
    ],
)
def test_a_sentence_waits_for_its_cause_to_end(error: ChatError, over: str) -> None:
    """Causes that end on their own remove their sentence; other sentences wait for the user."""
    assert notices.ends_with(error) == over
