"""Parsing of prompts: messages, labelled lines, memories, and the frame of a summary."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from openai_standin.answers import answer
from openai_standin.prompts import Prompt, SummaryRequest, Turn, parse_messages, parse_text, remembered_sentences
from openai_standin.summaries import summarise

FRAME = "Current summary:\n{current}\n\nNew lines of conversation:\n{lines}\n\nNew summary:"


def parsed(text: str) -> Prompt:
    """The prompt of a plain completion that is not about a summary."""
    prompt = parse_text(text)
    assert isinstance(prompt, Prompt)
    return prompt


def test_labelled_lines_are_turns():
    """Text before the first label is the system's, and a line without a label continues the turn before it."""
    prompt = parsed("The human likes tea.\n\nHuman: im bob\nsee?\nAI: my name is Eve\nhuman: and now?\nAI:")
    assert prompt.said == ["im bob\nsee?", "and now?"]
    assert [fact.sentence for fact in prompt.facts] == ["The human likes tea.", "The human's name is Bob."]


def test_a_prompt_without_labels_is_one_message():
    """For example in a plain completion that a person typed."""
    assert parsed(" who are you?\n").said == ["who are you?"]


@pytest.mark.parametrize(
    ("system", "sentences"),
    [
        ("Never talk about dinner. The human likes tea.", ["The human likes tea."]),
        (
            "What you remember:\nBob keeps bees. He is tall.\n\nYour rules:\nBe kind.",
            ["Bob keeps bees.", "He is tall."],
        ),
        ("Earlier lines:\n- Human: i live in Rome\n- AI: Noted.", ["The human lives in Rome."]),
        ('Summary:\nThe human asked: "Why?" The AI said: "So."', []),
    ],
)
def test_a_system_text_contains_memories(system, sentences):
    """All sentences under a heading for memories, elsewhere those about the human; questions are not memories."""
    prompt = parse_messages([Turn("system", system), Turn("user", "hm")])
    assert isinstance(prompt, Prompt)
    assert [fact.sentence for fact in prompt.facts] == sentences


def test_a_summary_is_split_into_sentences():
    """A quotation stays whole, whatever it contains, and other names for the human become one."""
    summary = 'The human said: "We meet Dr. Smith. At 9.30." The user lives in Rome.\nhuman\'s dog is ill. Bob is tall.'
    assert remembered_sentences(summary) == [
        'The human said: "We meet Dr. Smith. At 9.30."',
        "The human lives in Rome.",
        "The human's dog is ill.",
        "Bob is tall.",
    ]


def test_the_frame_of_a_summary_is_recognised():
    """The limit may be in another message; the last of several frames counts, as the others are examples."""
    text = (
        FRAME.format(current="old", lines="Human: x")
        + "\n\n"
        + FRAME.format(current="new", lines="Human: a\n  b\nAI: c")
    )
    wanted = parse_messages([Turn("system", "Use at most 70 words."), Turn("user", text)])
    assert wanted == SummaryRequest("new", [Turn("user", "a\nb"), Turn("assistant", "c")], 70)
    assert parse_text(FRAME.format(current="(none yet)", lines="")) == SummaryRequest("", [Turn("user", "")], None)


@pytest.mark.parametrize("text", ["New summary:", "Current summary:\nx\nNew summary:", FRAME + "\nNo, wait."])
def test_a_part_of_the_frame_is_only_text(text):
    """Only a complete frame at the end of the prompt requests a summary."""
    assert isinstance(parse_text(text), Prompt)


PIECES = st.sampled_from(
    ["The human ", "Human: ", "AI:", "\n", '"', "not ", "it is ", "my ", "I am ", "name is ", "Bob", ". ", "? ", "but ",
     "what ", "Current summary:", "New lines of conversation:", "New summary:", "at most 5 words", "so far:", "hi ",
     "é😀", "12", "\u2028", " "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_any_prompt_is_answered(text):
    """Any text gets an answer, as a message, as a system text and as a plain prompt."""
    for parsed in (parse_text(text), parse_messages([Turn("system", text), Turn("user", text)])):
        assert summarise(parsed, 50) if isinstance(parsed, SummaryRequest) else answer(parsed)
