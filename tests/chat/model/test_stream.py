"""Decoding the model's stream, one read at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from chat.domain.exceptions import ModelNotUnderstood, ModelStalled
from chat.model.stream import JoiningDecoder


def piece(text: str, **others: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None, **others}]}


def line(chunk: Any, end: str = "\n\n") -> bytes:
    return f"data: {json.dumps(chunk)}{end}".encode()


def chunks_of(*reads: bytes) -> Iterator[Any]:
    """The chunks of a stream of ``reads``, and its errors."""
    decoder = JoiningDecoder()
    for read in reads:
        for found in decoder.read(read):
            yield {"error": found.error} if found.error else found.chunk()
        if decoder.is_over:
            return
    yield from (found.chunk() for found in decoder.end())


def gather(came: list[Any], *reads: bytes) -> None:
    """Collect the chunks before an error in ``came``."""
    for chunk in chunks_of(*reads):
        came.append(chunk)  # noqa: PERF402 - `extend` would add nothing where it raises


def decoded(*reads: bytes) -> list[Any]:
    """The chunks of a complete stream that begins with ``reads``."""
    return list(chunks_of(*reads, b"data: [DONE]\n\n"))


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)


def test_what_one_read_brings_is_one_piece() -> None:
    """Text in the same read is one piece, text in the next read the next piece."""
    chunks = decoded(line(piece("a")) + line(piece("b")), line(piece("c")))
    assert chunks == [piece("ab"), piece("c")]


ROLE = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {"choices": [], "usage": {"total_tokens": 3}}
THOUGHT = {"choices": [{"index": 0, "delta": {"reasoning_content": "Hm."}, "finish_reason": None}]}


def test_chunks_that_say_nothing_are_joined_to_others() -> None:
    """Chunks with a role, null fields or the usage are joined to the text beside them, and so is the end."""
    often = {"role": "assistant", "content": "b", "tool_calls": None}
    chunk = {"choices": [{"index": 0, "delta": often, "finish_reason": None}], "usage": None}
    (whole,) = decoded(line(ROLE) + line(piece("a")) + line(chunk) + line(USAGE) + line(END))
    assert whole["choices"] == [{"index": 0, "delta": {"content": "ab"}, "finish_reason": "stop"}]


def test_reasoning_behind_text_begins_a_piece_of_its_own() -> None:
    """Reasoning is joined to the text that follows it, but not to the text before it."""
    chunks = decoded(line(piece("a")) + line(THOUGHT) + line(THOUGHT) + line(piece("b")))
    assert chunks[0] == piece("a")
    assert chunks[1]["choices"][0]["delta"]["content"] == [
        {"type": "reasoning", "reasoning": "Hm.Hm."},
        {"type": "text", "text": "b"},
    ]
    assert len(chunks) == 2


def test_an_error_stays_apart() -> None:
    """The text before an error in the same read is a piece of its own."""
    error = {"error": {"message": "no"}}
    assert decoded(line(piece("a")) + line(error)) == [piece("a"), error]


def test_the_end_is_as_openai_writes_it() -> None:
    """OpenAI's last event is not JSON, and ends the answer; comments and other fields are ignored."""
    reads = b": keep alive\n\nevent: message\nid: 7\n" + line(piece("a")) + b"data: [DONE]\n\n" + line(piece("b"))
    assert list(chunks_of(reads, line(piece("c")))) == [piece("a")]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_mark_before_the_first_line_is_passed_over(size: int) -> None:
    """A stream of events may begin with a byte order mark, whose bytes may come apart."""
    stream = b"\xef\xbb\xbf" + line(piece("a")) + line(END)
    assert text_of(decoded(*(stream[at : at + size] for at in range(0, len(stream), size)))) == "a"
    assert text_of(list(chunks_of((b"\xef\xbb\xbf" + line(END)).rstrip()))) == ""


@pytest.mark.parametrize("end", [line(END), line(END).rstrip(), b"data: [DONE]\n\n", b"data: [DONE]"])
def test_an_answer_that_says_its_end_is_whole(end: bytes) -> None:
    """A finish reason or `DONE` completes an answer, even without a line break at the end."""
    assert text_of(list(chunks_of(line(piece("a")), end))) == "a"


@pytest.mark.parametrize("unfinished", ["", "null", None])
def test_an_empty_finish_reason_is_none(unfinished: str | None) -> None:
    """Servers that send an empty finish reason with every chunk have not said that the answer is complete."""
    with pytest.raises(ModelStalled):
        gather([], line({"choices": [{"delta": {"content": "a"}, "finish_reason": unfinished}]}))


@pytest.mark.parametrize("last", [line(piece("b")), line(piece("b")).rstrip(), b""])
def test_an_answer_that_does_not_say_its_end_is_broken_off(last: bytes) -> None:
    """All pieces of an incomplete answer are given, followed by an error."""
    came: list[Any] = []
    with pytest.raises(ModelStalled):
        gather(came, line(piece("a")), last)
    assert text_of(came) == ("ab" if last else "a")


@pytest.mark.parametrize("odd", [b"<html>", b"null", b"[]", b'"x"', b"\xff", b"[" * 100_000], ids=lambda odd: odd[:6])
def test_an_event_that_is_no_object_is_an_error(odd: bytes) -> None:
    """An event that is not a JSON object raises an error, and the others in its read are kept."""
    came: list[Any] = []
    with pytest.raises(ModelNotUnderstood):
        gather(came, line(piece("a")) + b"data: " + odd + b"\n\n")
    assert came == [piece("a")]


@pytest.mark.parametrize("told", [b'{"message": "boom"}', b"boom", b""])
def test_an_event_named_error_is_one(told: bytes) -> None:
    """An event named error is an error whatever its data, and the event after it is not."""
    reads = b"event: error\n", b"data: " + told + b"\n\n" + line(piece("a"))
    failure, chunk = decoded(*reads)
    assert failure["error"]
    assert chunk == piece("a")


@pytest.mark.parametrize("body", [b'{"choices": []}', b"<html>\n<body>\n", line(piece("a")).replace(b"\n", b"\r") * 2])
def test_what_is_no_stream_of_events_is_not_understood(body: bytes) -> None:
    """A stream without events raises `ModelNotUnderstood`, not `ModelStalled`."""
    with pytest.raises(ModelNotUnderstood):
        assert not list(chunks_of(body))


@settings(deadline=None)
@given(
    st.lists(st.text(max_size=5), max_size=8),
    st.lists(st.integers(min_value=0, max_value=400), max_size=6),
    st.sampled_from(["\n\n", "\r\n\r\n", "\n"]),
)
def test_no_cut_between_reads_loses_or_adds_a_letter(pieces: list[str], cuts: list[int], end: str) -> None:
    """Reads may end anywhere: in a line, in a character, between CR and LF."""
    whole = line(ROLE, end) + b"".join(line(piece(text), end) for text in pieces)
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    reads = [whole[begin:finish] for begin, finish in pairwise(places)]
    assert text_of(decoded(*reads)) == "".join(pieces)
