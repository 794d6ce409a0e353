"""Reading a reply from LangChain's chunks."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from chat.domain.exceptions import ModelCut
from chat.domain.messages import Reasoning
from chat.model.reply import ReplyReader


def chunk(text: str, reasoning: str = "", finish: str | None = None) -> AIMessageChunk:
    content: Any = (
        [{"type": "reasoning", "reasoning": reasoning}, {"type": "text", "text": text}] if reasoning else text
    )
    return AIMessageChunk(content=content, response_metadata={"finish_reason": finish} if finish else {})


def read(*chunks: AIMessageChunk, most: int = 100) -> tuple[list[str | Reasoning], str | None]:
    """The pieces of a whole reply, and the reason if it was cut."""
    reader = ReplyReader(most)
    pieces: list[str | Reasoning] = []
    try:
        for each in chunks:
            pieces.extend(reader.read(each))
        pieces.extend(reader.end())
    except ModelCut as cut:
        return pieces, cut.reason
    return pieces, None


def test_reasoning_comes_before_the_text_of_its_chunk() -> None:
    """Reasoning from the server and from tags is given apart from the text, which it precedes."""
    assert read(chunk("", "Hm"), chunk("Hi", "."), chunk(" Bob", finish="stop")) == (
        [Reasoning("Hm"), Reasoning("."), "Hi", " Bob"],
        None,
    )
    assert read(chunk("<think>Hm</think>\nHi"), chunk("", finish="stop")) == ([Reasoning("Hm"), "Hi"], None)


@pytest.mark.parametrize("cut", ["length", "content_filter"])
def test_a_cut_reply_says_whether_the_model_was_still_thinking(cut: str) -> None:
    """A cut inside an unclosed block gives none of it as text, and one behind it names the cause alone."""
    assert read(chunk("<think>Hm"), chunk("", finish=cut)) == ([Reasoning("Hm")], f"{cut}_thinking")
    assert read(chunk("", "Hm"), chunk("", finish=cut)) == ([Reasoning("Hm")], f"{cut}_thinking")
    assert read(chunk("<think>Hm</think>Hi", finish=cut)) == ([Reasoning("Hm"), "Hi"], cut)
    assert read(chunk("<th"), chunk("", finish=cut)) == (["<th"], cut)


def test_reasoning_and_text_are_each_bounded() -> None:
    """Both are cut at exactly the limit, and neither counts as the other."""
    assert read(chunk("", "1234"), chunk("12345"), chunk("678", finish="stop"), most=7) == (
        [Reasoning("1234"), "12345", "67"],
        "length",
    )
    assert read(chunk("", "1234"), chunk("", "5678"), chunk("late"), most=7) == (
        [Reasoning("1234"), Reasoning("567")],
        "bound_thinking",
    )


def test_an_unclosed_block_is_text_at_a_normal_end() -> None:
    """A complete reply whose block was never closed is all text."""
    pieces, cut = read(chunk("<think>Hm"), chunk("!", finish="stop"))
    assert [piece for piece in pieces if isinstance(piece, str)] == ["<think>Hm!"]
    assert cut is None


def test_langchain_is_left_no_lists_to_join() -> None:
    """A chunk with reasoning is emptied once it was read: LangChain keeps it until the end."""
    thought = chunk("Hi", "Hm")
    assert list(ReplyReader(9).read(thought)) == [Reasoning("Hm"), "Hi"]
    assert thought.content == ""
