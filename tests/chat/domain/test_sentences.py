"""Every error has a sentence, in every situation."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from chat.domain import exceptions
from chat.domain.exceptions import (
    ChatError,
    InvalidFrame,
    InvalidText,
    MemoryRefused,
    MemoryUnreachable,
    ModelCut,
    RunLogUnreachable,
    SessionGone,
    TooManyTurns,
)
from chat.domain.sentences import SENTENCES, Situation, sentence
from tests.support.servers import REPOSITORY

#: Every class of errors by its name.
KINDS: dict[str, type[ChatError]] = {
    name: kind for name, kind in vars(exceptions).items() if isinstance(kind, type) and issubclass(kind, ChatError)
}
#: Every value that a sentence may ask for.
VALUES = dict.fromkeys(("length", "limit", "retry_after", "status"), 3) | dict.fromkeys(
    ("problem", "type", "types", "trigger", "request_id", "kind", "answer", "offered", "known"), "It."
)
OUTAGES = [MemoryUnreachable(), RunLogUnreachable()]


def raised() -> Iterator[str]:
    """The key of every error that the chat makes, as far as its reason stands there in so many letters."""
    for path in (REPOSITORY / "chat").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in KINDS:
                    reasons = [*arguments[:1], *(each.value for each in keywords if each.arg == "reason")]
                    yield from (
                        f"{KINDS[name].code}.{reason.value}"
                        for reason in reasons
                        if isinstance(reason, ast.Constant) and isinstance(reason.value, str)
                    )


def test_every_reason_that_is_given_has_a_sentence() -> None:
    """An error is never raised with a reason that nobody has put into words."""
    assert {"invalid_frame.binary", "model_refused.key", "memory_refused.foreign"} <= set(raised()) <= set(SENTENCES)


def test_every_code_has_a_sentence() -> None:
    """Of the classes that are raised: those without subclasses."""
    worded = {key.partition(".")[0] for key in SENTENCES}
    assert {kind.code for kind in KINDS.values() if not kind.__subclasses__()} <= worded


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_ends_like_one(key: str, situation: Situation) -> None:
    """What people read begins with a capital letter, ends with a full stop and has all its values in it."""
    code, _, reason = key.partition(".")
    error = type("Sample", (ChatError,), {"code": code})(reason, **VALUES)
    said = sentence(error, situation)
    assert said[0].isupper()
    assert said.endswith(".")
    assert "{" not in said


def test_an_outage_does_not_sound_like_forgetting() -> None:
    """Whoever looks at a session while memory is away reads that it is kept; other errors speak for themselves."""
    assert "Your session is safe" in sentence(MemoryUnreachable(), Situation.WATCHING)
    refused = sentence(MemoryRefused(401, "The token is wrong."), Situation.WATCHING)
    assert refused == "The memory server refused this (401): The token is wrong."


@pytest.mark.parametrize("error", OUTAGES)
@pytest.mark.parametrize("situation", set(Situation) - {Situation.SENDING})
def test_a_message_is_spoken_of_only_where_there_is_one(error: ChatError, situation: Situation) -> None:
    """Looking, deleting, stopping and saving again keep no message in the box."""
    assert "Your message" in sentence(error)
    assert "Your message" not in sentence(error, situation)


def test_a_situation_without_words_of_its_own_uses_the_general_ones() -> None:
    """What is not an outage says the same to everybody, behind what did not happen."""
    assert sentence(SessionGone(), Situation.SAVING) == sentence(SessionGone())
    assert sentence(SessionGone(), Situation.DELETING) == f"It was not deleted. {sentence(SessionGone())}"


def test_saving_too_early_says_that_memory_is_still_away() -> None:
    """The person has read already that it was."""
    assert sentence(MemoryUnreachable(), Situation.SAVING) == "Memory is still unreachable. Try again in a moment."


def test_values_stand_in_the_sentence_as_they_are() -> None:
    """Numbers have separators, and braces that a client sent are not a template."""
    assert "16,001 characters; at most 16,000" in sentence(InvalidText("too_long", length=16_001, limit=16_000))
    assert "'{limit}'" in sentence(InvalidFrame("type", type="{limit}", types="send"))
    assert "3 turns" in sentence(TooManyTurns(3, 20))
    assert "20 seconds" in sentence(TooManyTurns(3, 20))


@pytest.mark.parametrize(("cut", "why"), [("length", "length limit"), ("content_filter", "content filter")])
def test_an_answer_that_was_cut_short_says_by_what(cut: str, why: str) -> None:
    """The model's own limit and its filter are two things."""
    assert why in sentence(ModelCut(cut))
