"""Answers are cut, counted and put into OpenAI's formats."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from openai_standin.completions import Completion, complete, tokens
from openai_standin.requests import CompletionRequest, Message


def answered(text: str, **options: Any) -> Completion:
    """The chat completion that answers ``text``."""
    request = CompletionRequest(messages=[Message(role="user", content=text)], **options)
    return complete(request, {}, 100, is_chat=True)


@given(text=st.text(st.sampled_from("ab \n\u2003é😀"), max_size=60))
@settings(deadline=None)
def test_tokens_join_to_their_text(text):
    """Counting and streaming lose nothing, including whitespace at either end, and no token has two words."""
    assert "".join(tokens(text)) == text
    assert all(len(token.split()) <= 1 for token in tokens(text))


@pytest.mark.parametrize(
    ("options", "text", "end"),
    [
        ({}, "1, 2, 3, 4, 5.", "stop"),
        ({"stop": "3"}, "1, 2, ", "stop"),
        ({"stop": ["", "9", "4"]}, "1, 2, 3, ", "stop"),
        ({"max_tokens": 2}, "1, 2,", "length"),
        ({"max_tokens": 5}, "1, 2, 3, 4, 5.", "stop"),
        ({"max_tokens": 9, "max_completion_tokens": 1}, "1,", "length"),
    ],
)
def test_an_answer_ends_where_the_request_says(options, text, end):
    """A stop text or a limit ends the answer, and the finish reason says which."""
    completion = answered("count to 5", **options)
    assert completion.texts == [(text, end)]
    assert completion.usage["completion_tokens"] == len(tokens(text))


@pytest.mark.parametrize("is_chat", [True, False])
def test_a_stream_has_the_same_contents_as_the_body(is_chat):
    """Deltas join to the texts of the body; the usage comes if requested, and the end is marked."""
    completion = Completion({"id": "x"}, [("one two", "stop")], {"total_tokens": 3}, is_chat)
    *events, usage, done = completion.events({"include_usage": True})
    choices = [json.loads(event.removeprefix(b"data: "))["choices"][0] for event in events]
    said = [choice["delta"].get("content", "") if is_chat else choice["text"] for choice in choices]
    whole = completion.body()["choices"][0]
    assert "".join(said) == "one two" == (whole["message"]["content"] if is_chat else whole["text"])
    assert [choice["finish_reason"] for choice in choices][-2:] == [None, "stop"]
    assert json.loads(usage.removeprefix(b"data: ")) == {"id": "x", "choices": [], "usage": {"total_tokens": 3}}
    assert done == b"data: [DONE]\n\n"


def test_each_prompt_of_a_request_gets_its_answer():
    """A plain completion may have several prompts; the usage counts them together."""
    completion = complete(CompletionRequest(prompt=["count to 2", "count to 3"]), {}, 100, is_chat=False)
    assert [text for text, _ in completion.texts] == ["1, 2.", "1, 2, 3."]
    assert completion.usage == {"prompt_tokens": 6, "completion_tokens": 5, "total_tokens": 11}
