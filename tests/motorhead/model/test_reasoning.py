"""Texts of models without their reasoning."""

from __future__ import annotations

import pytest

from motorhead.messages import Message
from motorhead.model.reasoning import answer_in, spoken, without_reasoning

LONG = "Let me think about what the human said. " * 500


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"<think>\n{LONG}\n</think>\n\nBob likes tea.", "Bob likes tea."),
        ("\n <think></think>Bob likes tea.\n", "Bob likes tea.\n"),
        ("<think>a</think>", ""),
        ("<think>One <think> more.</think>Tea, </think> he said.", "Tea, </think> he said."),
        ("<thinking>Hm.</thinking>Tea.", "Tea."),
        ("<thought>Hm.</thought>Tea.", "Tea."),
        ("[THINK]Hm.[/THINK]Tea.", "Tea."),
        ("<think>Bob likes tea.", "<think>Bob likes tea."),
        ("He wrote <think>hm</think> in XML.", "He wrote <think>hm</think> in XML."),
        ("<thinker>Hm.</think>Tea.", "<thinker>Hm.</think>Tea."),
        ("  Bob likes tea. ", "  Bob likes tea. "),
        ("", ""),
    ],
)
def test_a_leading_block_of_reasoning_is_left_out(text: str, answer: str) -> None:
    """A complete block at the beginning is left out; one that is not closed, or comes later, is text."""
    assert without_reasoning(text) == answer


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<think>Hm.</think>Tea.", "Tea."),
        (f"{LONG}\n</think>\n\nTea.", "Tea."),
        (f"{LONG}\n </think> \nTea.", "Tea."),
        ("To close it, write </think>\nat the end.", "To close it, write </think>\nat the end."),
        (
            [{"type": "thinking", "thinking": [{"type": "text", "text": LONG}]}, {"type": "text", "text": "Tea."}],
            "Tea.",
        ),
        ([{"type": "text", "text": "Bob likes "}, {"type": "text", "text": "tea."}], "Bob likes tea."),
        ([{"type": "text", "text": "<think>Hm.</think>"}, "Tea.", None, {"type": "text"}, 7], "Tea."),
        ([], ""),
        (None, ""),
        (7, ""),
    ],
)
def test_an_answer_is_its_text(content: object, text: str) -> None:
    """The text of an answer, of whatever shape, contains no reasoning, even if that lacks its opening mark."""
    assert answer_in(content) == text


@pytest.mark.parametrize(("role", "text"), [("AI", "Tea."), ("assistant", "Tea."), ("Human", "<think>Hm.</think>Tea.")])
def test_only_a_model_reasons(role: str, text: str) -> None:
    """A human's text counts as it was sent, and so does a model's that only mentions a closing mark."""
    assert spoken(Message(role, "<think>Hm.</think>Tea.", "1", 0)) == text
    assert spoken(Message(role, "Write:\n</think>\nThen stop.", "1", 0)) == "Write:\n</think>\nThen stop."
