"""A reply while it grows: formatted block by block, each character read once."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.page.growing_reply import GrowingReply
from chat.page.markdown import render_markdown
from tests.support.hostile_markdown import HOSTILE
from tests.support.html import parse


def grown(pieces: list[str]) -> tuple[list[SafeString], str]:
    """The blocks that were finished, one entry a piece, and what was unfinished at the end."""
    reply = GrowingReply()
    finished = [reply.render(reply.add(piece)) for piece in pieces]
    return finished, reply.tail


def test_a_block_is_formatted_when_the_next_one_begins():
    """Until then it is plain text; a blank line alone does not end it."""
    finished, tail = grown(["Hello **wor", "ld**\n", "\n", "next"])
    assert finished == ["", "", "", "<p>Hello <strong>world</strong></p>\n"]
    assert tail == "next"


def test_a_code_block_is_one_block():
    """Blank lines in a fence do not end it, nor does a shorter fence in it."""
    finished, tail = grown(["````\na\n\n", "```\n\nb\n", "````\n\n", "end"])
    assert finished[:3] == ["", "", ""]
    assert parse(finished[3]).all("code")[0].text == "a\n\n```\n\nb"
    assert tail == "end"


def test_what_is_indented_belongs_to_the_block_before():
    """A list item of several paragraphs stays one."""
    finished, tail = grown(["1. a\n\n", "   more\n\n", "b"])
    assert parse(finished[2]).all("li")[0].text == "a\nmore"
    assert tail == "b"


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab`~\n -*1.<", max_size=12), max_size=20))
def test_nothing_is_lost_on_the_way(pieces):
    """The tail is the end of the text, and what came before it is finished once, in order."""
    reply, said, finished = GrowingReply(), "", 0
    for piece in pieces:
        said += piece
        html, tail = reply.render(reply.add(piece)), reply.tail
        assert said.endswith(tail)
        begins = len(said) - len(tail)
        assert html == (render_markdown(said[finished:begins]) if begins > finished else "")
        assert begins >= finished
        finished = begins


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_end_as_they_do_anywhere(end):
    """Whatever the pieces are: a carriage return and its newline may come apart."""
    finished, tail = grown(list(f"```{end}a{end}{end}b{end}```{end}{end}next"))
    assert "".join(finished) == '<pre dir="ltr"><code dir="ltr">a\n\nb\n</code></pre>\n'
    assert tail == "next"


def test_a_reply_that_is_too_much_stays_plain_from_there_on():
    """What was formatted before stays so, and no text is lost."""
    hostile = HOSTILE["brackets"](50_000)
    finished, tail = grown(["**a**\n\n", f"b\n\n{hostile}", "\n\nc", "\n\n**d**\n\n", "e"])
    assert finished == ["", "<p><strong>a</strong></p>\n<p>b</p>\n", "", "", ""]
    assert tail == f"{hostile}\n\nc\n\n**d**\n\ne"


@pytest.mark.parametrize("line", ["a line without a blank one\n", "a", "[`\n"])
def test_the_work_grows_with_the_reply_and_not_with_its_square(line):
    """A reply of twice the pieces takes twice the steps, though its one block never ends."""
    assert steps([line] * 4_000) < 2.2 * steps([line] * 2_000)


def steps(pieces: list[str]) -> int:
    """How many functions are called while a reply grows."""
    reply, count = GrowingReply(), 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for piece in pieces:
            reply.add(piece)
    finally:
        sys.setprofile(before)
    return count
