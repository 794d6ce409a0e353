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
from tests.support.syntax_trees import syntax_tree

#: Every class of errors by its name.
KINDS: dict[str, type[ChatError]] = {
    name: kind for name, kind in vars(exceptions).items() if isinstance(kind, type) and issubclass(kind, ChatError)
}
#: Every value that a sentence may ask for.
VALUES = dict.fromkeys(("length", "limit", "minutes", "retry_after", "size", "status", "version"), 3) | dict.fromkeys(
    (
        *("problem", "type", "types", "trigger", "request_id", "kind", "answer", "offered", "known", "when"),
        *("param", "why", "role", "model", "allowed", "scope"),
    ),
    "It.",
)
VALUES |= dict.fromkeys(("place", "also", "method", "allowed"), "It.")
OUTAGES = [
    *(MemoryUnreachable(reason=reason) for reason in ("", "disk_full", "store_full")),
    *(RunLogUnreachable(reason) for reason in ("", "disk_full", "store_full", "read_only")),
]


def raised() -> Iterator[str]:
    """The key of every error that the chat raises with a literal reason."""
    for path in (REPOSITORY / "chat").rglob("*.py"):
        for node in ast.walk(syntax_tree(path)):
            match node:
                case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in KINDS:
                    reasons = [*arguments[:1], *(each.value for each in keywords if each.arg == "reason")]
                    yield from (
                        f"{KINDS[name].code}.{reason.value}"
                        for reason in reasons
                        if isinstance(reason, ast.Constant) and isinstance(reason.value, str)
                    )


def test_every_reason_has_a_sentence() -> None:
    """Every reason in the code has a sentence."""
    assert {"invalid_frame.binary", "model_refused.key", "memory_refused.foreign"} <= set(raised()) <= set(SENTENCES)


def test_every_code_has_a_sentence() -> None:
    """Every class of errors without subclasses has a sentence."""
    worded = {key.partition(".")[0] for key in SENTENCES}
    assert {kind.code for kind in KINDS.values() if not kind.__subclasses__()} <= worded


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_ends_like_one(key: str, situation: Situation) -> None:
    """A sentence begins with a capital letter, ends with a full stop and contains all its values."""
    code, _, reason = key.partition(".")
    error = type("Sample", (ChatError,), {"code": code})(reason, **VALUES)
    said = sentence(error, situation)
    assert said[0].isupper()
    assert said.endswith(".")
    assert "{" not in said


def test_an_outage_does_not_sound_like_forgetting() -> None:
    """During a memory outage a session's page says that the session is safe; other errors keep their own sentence."""
    assert "Your session is safe" in sentence(MemoryUnreachable(), Situation.WATCHING)
    refused = sentence(MemoryRefused(401, "The token is wrong."), Situation.WATCHING)
    assert refused == "The memory server refused this (401): The token is wrong."


@pytest.mark.parametrize("error", OUTAGES)
@pytest.mark.parametrize("situation", [one for one in Situation if one is not Situation.SENDING])
def test_a_message_is_spoken_of_only_where_there_is_one(error: ChatError, situation: Situation) -> None:
    """Only the sentence for sending says that the message is kept."""
    assert "Your message" in sentence(error)
    assert "Your message" not in sentence(error, situation)


@pytest.mark.parametrize("kind", [MemoryUnreachable, RunLogUnreachable])
def test_what_is_full_is_named(kind: type[MemoryUnreachable | RunLogUnreachable]) -> None:
    """A full disk and a full store do not sound like servers that are away."""
    for situation in Situation:
        assert "disk is full" in sentence(kind(reason="disk_full"), situation)
        assert "store is full" in sentence(kind(reason="store_full"), situation)


def test_a_situation_without_words_of_its_own_uses_the_general_ones() -> None:
    """Errors other than outages have one sentence, after the situation's lead."""
    assert sentence(SessionGone(), Situation.SAVING) == sentence(SessionGone())
    assert sentence(SessionGone(), Situation.DELETING) == f"It was not deleted. {sentence(SessionGone())}"


def test_saving_too_early_says_that_memory_is_still_away() -> None:
    """The sentence for saving says "still", since the person already knows of the outage."""
    assert sentence(MemoryUnreachable(), Situation.SAVING) == "Memory is still unreachable. Try again in a moment."


def test_values_stand_in_the_sentence_as_they_are() -> None:
    """Numbers have separators, and braces sent by a client are not treated as a template."""
    assert "16,001 characters; at most 16,000" in sentence(InvalidText("too_long", length="16,001", limit="16,000"))
    assert "'{limit}'" in sentence(InvalidFrame("type", type="{limit}", types="send"))
    assert "3 turns" in sentence(TooManyTurns(3, 20))
    assert "20 seconds" in sentence(TooManyTurns(3, 20))


@pytest.mark.parametrize(("cut", "why"), [("length", "length limit"), ("content_filter", "content filter")])
def test_an_answer_that_was_cut_short_says_by_what(cut: str, why: str) -> None:
    """The model's length limit and its filter have sentences of their own, and others while the model still thinks."""
    assert why in sentence(ModelCut(cut))
    assert why in sentence(ModelCut(cut, thinking=True))
    assert "still thinking" in sentence(ModelCut(cut, thinking=True))


def test_the_limit_of_the_site_is_not_the_models() -> None:
    """Reasoning that the site ends names the variable to raise; on the wire both limits have one name."""
    error = ModelCut("length", thinking=True, bound=True)
    assert "CHAT_MAX_REPLY_CHARS" in sentence(error)
    assert error.cut == ModelCut("length").cut
