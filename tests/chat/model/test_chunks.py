"""What `chat.model.chunks` reads from the chunks of different servers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.model.chunks import Piece, piece_of


def chunk(delta: Any, finish: Any = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


@pytest.mark.parametrize(
    "empty",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [{}]},
        {"choices": [{"index": 0}]},
        chunk(None),
        chunk({}),
        chunk({"role": "assistant", "content": None}),
        chunk({"content": []}),
        chunk({"content": [{"type": "reference", "reference_ids": [1]}]}),
        {"choices": [], "prompt_filter_results": [{"prompt_index": 0}], "error": None},
    ],
    ids=json.dumps,
)
def test_what_a_chunk_lacks_is_empty(empty: dict[str, Any]) -> None:
    """A chunk without choices, delta or content says nothing, and is no error."""
    assert piece_of(empty) == Piece()


@pytest.mark.parametrize(
    ("delta", "reasoning", "text"),
    [
        ({"content": "Hi"}, "", "Hi"),
        ({"content": None, "reasoning_content": "Hm"}, "Hm", ""),
        ({"content": "", "reasoning": "Hm"}, "Hm", ""),
        ({"content": "Hi", "reasoning": "Hm", "reasoning_content": "Hm"}, "Hm", "Hi"),
        ({"content": "Hi", "reasoning": None, "reasoning_content": ""}, "", "Hi"),
        ({"reasoning": {"effort": "low"}, "content": "Hi"}, "", "Hi"),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]}, "Hm", ""),
        ({"content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Hi"}]}, "Hm", "Hi"),
        ({"content": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}]}, "Hm", ""),
    ],
    ids=str,
)
def test_reasoning_is_kept_apart_from_text(delta: dict[str, Any], reasoning: str, text: str) -> None:
    """Reasoning is read from whichever field or part a server sends it in, once."""
    assert piece_of(chunk(delta)) == Piece(text, reasoning)


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        ({"content": None, "refusal": "I can't help with that."}, "I can't help with that."),
        ({"refusal": "I can't"}, "I can't"),
        ({"content": "Hi", "refusal": None}, "Hi"),
        ({"content": "", "refusal": ""}, ""),
        ({"content": "", "refusal": False}, ""),
    ],
    ids=str,
)
def test_a_refusal_in_words_is_the_text(delta: dict[str, Any], text: str) -> None:
    """A model that declines says so in a field of its own."""
    assert piece_of(chunk(delta)) == Piece(text)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("SAFETY", "content_filter"),
        ("content_filter", "content_filter"),
        ("eos", "eos"),
        ("", None),
        ("null", None),
        (None, None),
    ],
)
def test_finish_reasons_have_openais_names(reason: str | None, finish: str | None) -> None:
    """Other servers' names for the reasons of an end mean the same, and an empty one means no end."""
    assert piece_of(chunk({"content": "Hi"}, reason)) == Piece("Hi", finish=finish)


@pytest.mark.parametrize(
    "failed",
    [
        {"error": {"code": 502, "message": "Provider disconnected"}, "choices": []},
        {"object": "error", "message": "boom", "code": 400},
        chunk({"content": ""}, "error"),
        chunk({}, "insufficient_system_resource"),
    ],
    ids=json.dumps,
)
def test_a_server_that_fails_says_so(failed: dict[str, Any]) -> None:
    """An error in a chunk, in whatever form, is the error of its piece."""
    assert piece_of(failed).error


@pytest.mark.parametrize(
    "odd", [{"choices": 7}, {"choices": [7]}, {"choices": {"a": 1}}, chunk(7), chunk({"content": 7})]
)
def test_what_is_no_chunk_is_refused(odd: dict[str, Any]) -> None:
    """Values of the wrong kind are not taken for silence."""
    with pytest.raises((TypeError, AttributeError, LookupError)):
        piece_of(odd)
