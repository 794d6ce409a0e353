"""Separating reasoning from text, wherever the pieces of a reply end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from chat.domain.messages import Reasoning
from chat.model.reasoning import MOST_HELD, TAGS, ReasoningSplitter


def split(*pieces: str, end: bool = True) -> tuple[str, str]:
    """The reasoning and the text of a reply that comes in ``pieces``."""
    splitter = ReasoningSplitter()
    parts = [part for piece in pieces for part in splitter.add_text(piece)]
    parts += splitter.end() if end else ()
    assert all(part.text if isinstance(part, Reasoning) else part for part in parts)
    thoughts = "".join(part.text for part in parts if isinstance(part, Reasoning))
    return thoughts, "".join(part for part in parts if isinstance(part, str))


@pytest.mark.parametrize(
    ("reply", "reasoning", "text"),
    [
        ("Hello.", "", "Hello."),
        ("<think>Hm.</think>Hello.", "Hm.", "Hello."),
        ("\n <think>\nHm.\n</think>\n\nHello.", "Hm.\n", "Hello."),
        ("<thinking>Hm.</thinking>Hello.", "Hm.", "Hello."),
        ("<thought>Hm.</thought>Hello.", "Hm.", "Hello."),
        ("[THINK]Hm.[/THINK]Hello.", "Hm.", "Hello."),
        ("<think>\n\n</think>\n\nHello.", "", "Hello."),
        ("<think>Hm.</think>", "Hm.", ""),
        ("<think>Hm.</think>\n", "Hm.", ""),
        ("<think>Is </thinking> a tag?</think>No.", "Is </thinking> a tag?", "No."),
        ("<think>1</think>2<think>3</think>", "1", "2<think>3</think>"),
        ("<think>1</think>\n<think>2</think>", "1", "<think>2</think>"),
        ("Write <think>so</think>.", "", "Write <think>so</think>."),
        ("`<think>` is a tag.", "", "`<think>` is a tag."),
        ("<thin", "", "<thin"),
        ("<thin ice>", "", "<thin ice>"),
        ("</think>Hello.", "", "</think>Hello."),
        ("<THINK>Hm.</THINK>", "", "<THINK>Hm.</THINK>"),
        (" \n", "", " \n"),
        ("", "", ""),
    ],
)
def test_only_a_leading_block_is_reasoning(reply: str, reasoning: str, text: str) -> None:
    """A block at the beginning is reasoning, a later or partial tag is text, in one piece or character by character."""
    assert split(reply) == (reasoning, text)
    assert split(*reply) == (reasoning, text)


@pytest.mark.parametrize("reply", ["<think>Hm. No", "\n<think>", "<think>\nHm.</thin", "[THINK] a </think> b"])
def test_an_unclosed_block_is_text_in_the_end(reply: str) -> None:
    """A block that was never closed is given again as text, with its tag, when the reply is complete."""
    for pieces in ([reply], list(reply)):
        assert split(*pieces)[1] == reply
        assert split(*pieces, end=False)[1] == ""


def test_no_more_is_held_back_than_may_be_a_tag() -> None:
    """White space and the letters of a tag are given as soon as they cannot begin or end a block."""
    splitter = ReasoningSplitter()
    assert list(splitter.add_text(" " * MOST_HELD)) == []
    assert list(splitter.add_text(" ")) == [" " * (MOST_HELD + 1)]
    assert list(splitter.add_text("<think>")) == ["<think>"]
    thinking = ReasoningSplitter()
    assert list(thinking.add_text("<think>a < b </thi")) == [Reasoning("a < b ")]
    assert list(thinking.add_text("s")) == [Reasoning("</this")]


def test_reasoning_that_the_server_keeps_apart_ends_with_the_text() -> None:
    """White space between the server's own reasoning and the text belongs to neither."""
    splitter = ReasoningSplitter()
    assert list(splitter.add_text("\n")) == []
    assert list(splitter.add_reasoning("\nHm")) == [Reasoning("Hm")]
    assert list(splitter.add_reasoning(" ")) == [Reasoning(" ")]
    assert list(splitter.add_text("\n\n")) == []
    assert list(splitter.add_text("Hi\n")) == ["Hi\n"]
    assert list(splitter.end()) == []


@given(
    st.sampled_from([*TAGS, "", " ", "\n<think>", "<"]),
    st.text("<>/[]think THIKouga\n", max_size=30),
    st.sampled_from([*TAGS.values(), ""]),
    st.text("<>/[]think \n", max_size=20),
    st.lists(st.integers(min_value=0, max_value=90), max_size=8),
)
def test_where_pieces_end_makes_no_difference(
    tag: str, inside: str, closing: str, text: str, cuts: Sequence[int]
) -> None:
    """A reply gives the same reasoning and text in whatever pieces it comes."""
    whole = tag + inside + closing + text
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    assert split(*(whole[begin:end] for begin, end in pairwise(places))) == split(whole)
