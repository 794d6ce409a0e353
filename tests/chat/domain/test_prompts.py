"""What the model of a turn was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat.domain.prompts import PartKind, PromptPart, PromptRecord, SentPrompt, TurnEnd, messages_of

PARTS = (
    PromptPart(PartKind.SYSTEM, "S", 8, "system"),
    PromptPart(PartKind.SUMMARY, "bob likes figs", 12, "system", "\n\nSummary:\n"),
    PromptPart(PartKind.WINDOW, "hello", 9, "user", "", "1"),
    PromptPart(PartKind.WINDOW, "Hello.", 10, "assistant", "", "2"),
    PromptPart(PartKind.MESSAGE, "figs?", 9, "user"),
)
SENT = SentPrompt(PARTS, 4000, 0, 1, 1, "gpt", "web.1", 42, "here", 0.1, 0.2)


def test_neighbours_of_one_role_are_one_message() -> None:
    """The leads are part of what is sent."""
    assert list(messages_of(PARTS)) == [
        ("system", "S\n\nSummary:\nbob likes figs"),
        ("user", "hello"),
        ("assistant", "Hello."),
        ("user", "figs?"),
    ]


def test_a_prompt_knows_its_size_and_its_question() -> None:
    """The tokens of its parts add up, and the new message is the question."""
    assert (SENT.tokens, SENT.question) == (48, "figs?")


@pytest.mark.parametrize("change", [{"worker": "web.2"}, {"pid": 43}, {"host": "there"}])
def test_another_worker_may_have_ended_the_turn(change: dict[str, str | int]) -> None:
    """Worker, process and host tell it from the one that asked the model."""
    end = TurnEnd("web.1", 42, "here")
    assert not PromptRecord(SENT).ended_elsewhere
    assert not PromptRecord(SENT, end).ended_elsewhere
    assert PromptRecord(SENT, replace(end, **change)).ended_elsewhere  # type: ignore[arg-type]
