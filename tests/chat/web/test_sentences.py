"""What an error means for what somebody was doing, in words."""

from __future__ import annotations

import pytest

from chat.domain.events import TurnFailed, TurnFinished, TurnStopped
from chat.domain.exceptions import (
    InvalidText,
    MemoryRefused,
    MemoryUnreachable,
    RunLogUnreachable,
    SessionGone,
    TooManyTurns,
    TurnInProgress,
)
from chat.web import sentences

OUTAGES = [MemoryUnreachable(), RunLogUnreachable()]


def test_an_outage_does_not_sound_like_forgetting():
    """Who looks at a session while memory is away is told that it is kept; other errors speak for themselves."""
    assert "What was said is kept there" in sentences.away(MemoryUnreachable())
    assert sentences.away(MemoryRefused(401, "no")) == "The memory server refused this (401): no"


@pytest.mark.parametrize("error", OUTAGES)
def test_a_message_is_spoken_of_only_where_there_is_one(error):
    """Looking, deleting, stopping and saving again keep no message in the box."""
    for said in (sentences.away, sentences.without_draft, sentences.not_saved):
        assert "Your message" not in said(error)


def test_other_errors_have_their_own_words():
    """What is not an outage says the same to everybody."""
    for said in (sentences.without_draft, sentences.not_saved):
        assert said(SessionGone()) == str(SessionGone())


@pytest.mark.parametrize(("cut", "why"), [("length", "limit of length"), ("content_filter", "content filter")])
def test_an_answer_that_was_cut_short_is_said_to_be(cut: str, why: str):
    """A whole answer, a stopped one and a failed one have nothing to say of that."""
    assert why in sentences.shortfall(TurnFinished("Hi", cut=cut))
    for event in (TurnFinished("Hi"), TurnStopped("Hi"), TurnFailed("model_stalled", "No.", True)):
        assert sentences.shortfall(event) == ""


def test_saving_too_early_says_that_memory_is_still_away():
    """It was said before."""
    assert sentences.not_saved(MemoryUnreachable()) == "Memory is still unreachable. Try again in a moment."


@pytest.mark.parametrize(
    ("error", "over"),
    [
        (TurnInProgress("t"), sentences.TURN),
        (RunLogUnreachable(), sentences.STORE),
        (MemoryUnreachable(), sentences.MEMORY),
        (TooManyTurns(3, 20), ""),
        (InvalidText("The message is empty."), ""),
    ],
)
def test_a_sentence_waits_for_its_reason_to_go(error, over):
    """What passes by itself takes its sentence with it; the rest waits for the user."""
    assert sentences.ends_with(error) == over
