"""Decoding the model's stream a read at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.llm_stream import DONE, JoiningDecoder


def piece(text: str, **others: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None, **others}]}


def line(chunk: Any, end: str = "\n\n") -> bytes:
    return f"data: {json.dumps(chunk)}{end}".encode()


async def decoded(*reads: bytes) -> list[Any]:
    async def arriving() -> AsyncIterator[bytes]:
        for read in reads:
            yield read

    return [event.json() or event.data async for event in JoiningDecoder().aiter_bytes(arriving())]


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)


async def test_what_one_read_brings_is_one_piece() -> None:
    """And what the next one brings is the next."""
    chunks = await decoded(line(piece("a")) + line(piece("b")), line(piece("c")))
    assert chunks == [piece("ab"), piece("c")]


ROLE = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {"choices": [], "usage": {"total_tokens": 3}}
TOOL = {"choices": [{"index": 0, "delta": {"content": "", "tool_calls": [{"id": "t"}]}, "finish_reason": None}]}


@pytest.mark.parametrize(
    "other",
    [END, USAGE, TOOL, piece("b", index=1), piece("b", logprobs={"content": []} | {"refusal": [1]}), {"error": "no"}],
    ids=["end", "usage", "tool", "another answer", "logprobs", "error"],
)
async def test_whatever_says_more_than_text_stays_as_it_is(other: dict[str, Any]) -> None:
    """Only plain pieces of the one answer are joined."""
    reads = line(piece("a")) + line(other) + line(piece("b")) + line(piece("c"))
    assert await decoded(reads) == [piece("a"), other, piece("bc")]


async def test_a_server_that_names_the_role_with_every_piece_is_joined_too() -> None:
    """So do Ollama and others, and name what there is not as null."""
    often = {"role": "assistant", "content": "a", "tool_calls": None}
    chunk = {"choices": [{"index": 0, "delta": often, "finish_reason": None}], "usage": None}
    assert text_of(await decoded(line(chunk) + line(chunk))) == "aa"
    assert len(await decoded(line(chunk) + line(chunk))) == 1


async def test_the_end_is_told_as_openai_writes_it() -> None:
    """It is no JSON, and comments and other fields say nothing."""
    reads = b": keep alive\n\nevent: message\nid: 7\n" + line(piece("a")) + b"data: [DONE]\n\n"
    assert await decoded(reads) == [piece("a"), DONE]


async def test_an_event_that_is_no_json_is_an_error() -> None:
    """It never passes for silence."""
    with pytest.raises(ValueError, match="Expecting value"):
        await decoded(b"data: <html>\n\n")


@given(
    st.lists(st.text(max_size=5), max_size=8),
    st.lists(st.integers(min_value=0, max_value=400), max_size=6),
    st.sampled_from(["\n\n", "\r\n\r\n", "\n"]),
)
async def test_no_cut_between_reads_loses_or_adds_a_letter(pieces: list[str], cuts: list[int], end: str) -> None:
    """Wherever the network cuts, in a line, in a character, between CR and LF."""
    whole = line(ROLE, end) + b"".join(line(piece(text), end) for text in pieces)
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    reads = [whole[begin:finish] for begin, finish in pairwise(places)]
    assert text_of(await decoded(*reads)) == "".join(pieces)
