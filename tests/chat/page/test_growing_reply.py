"""A reply while it grows: formatted block by block."""

from __future__ import annotations

from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.page.growing_reply import GrowingReply
from chat.page.markdown import render_markdown
from tests.support.html import parse


def grown(pieces: list[str]) -> tuple[list[SafeString], str]:
    """The blocks that were finished, one entry a piece, and what was unfinished at the end."""
    reply, finished, tail = GrowingReply(), [], ""
    for piece in pieces:
        html, tail = reply.add(piece)
        finished.append(html)
    return finished, tail


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
        html, tail = reply.add(piece)
        assert said.endswith(tail)
        begins = len(said) - len(tail)
        assert html == (render_markdown(said[finished:begins]) if begins > finished else "")
        assert begins >= finished
        finished = begins
