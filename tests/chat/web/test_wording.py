"""Sentences in the reader's language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from chat.domain.durations import in_words
from chat.domain.exceptions import (
    AccessDenied,
    FoldFailed,
    InvalidDetails,
    InvalidImport,
    MemoryRefused,
    ModelBusy,
    TurnInProgress,
)
from chat.domain.sentences import Situation, sentence
from chat.web.wording import translated, worded

ERRORS = [
    TurnInProgress(turn_id="t"),
    InvalidDetails("title", length=12_345, limit=1_000),
    ModelBusy("overloaded", 429, wait=45),
    AccessDenied("expired_token", kind="token"),
    MemoryRefused(500, "It is {broken}: 12,000."),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_english_is_as_in_the_code(error):
    """A page says what the API says."""
    for situation in Situation:
        assert worded(error, situation) == sentence(error, situation)
    assert translated(sentence(error)) == sentence(error)


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_a_sentence_is_translated_with_its_values(error):
    """Whether its error is at hand, or only its sentence in the log of a run; also where a lead precedes it."""
    with override("de"):
        for situation in (Situation.SENDING, Situation.CHANGING):
            assert worded(error, situation) != sentence(error, situation)
            assert translated(sentence(error, situation)) == worded(error, situation)


def test_values_are_written_as_the_reader_does_it():
    """Numbers, durations, and words."""
    with override("de"):
        assert worded(ERRORS[1]) == "Der Titel hat 12.345 Zeichen, erlaubt sind höchstens 1.000. Bitte kürzen."
        assert "In 45 Sekunden" in worded(ERRORS[2])
        assert "höchstens 1,9 MB" in worded(InvalidImport("message", size=2, limit=1.9))
        assert "In einer Stunde" not in worded(ERRORS[2])
        assert worded(ERRORS[3]).startswith("Dieses Token ist abgelaufen.")
        for seconds, words in ((None, "einem Moment"), (1, "1 Sekunde"), (600, "10 Minuten"), (3600 * 5, "5 Stunden")):
            assert f"In {words} noch" in worded(ModelBusy("rate", 429, wait=seconds)), in_words(seconds)


def test_a_sentence_of_the_memory_server_is_translated():
    """Alone, and within one of ours."""
    said = "The summary model fails (status 503)."
    with override("de"):
        assert translated(said) == "Das Zusammenfassungsmodell versagt (Status 503)."
        assert worded(FoldFailed(answer=said)).endswith(translated(said))


def test_what_is_unknown_stays_as_it_is():
    """Another server's sentence, and no sentence at all."""
    with override("de"):
        assert translated("Sorry, we are closed.") == "Sorry, we are closed."
        assert translated("") == ""
