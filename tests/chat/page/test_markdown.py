"""Markdown of the model, whole and while it grows: formatted, and harmless."""

from __future__ import annotations

import pytest
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.page.markdown import GrowingReply, render_markdown
from tests.support.html import parse

HARMLESS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a", "ul", "ol", "li"),
    *("h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


def test_what_models_write_is_formatted():
    """Emphasis, lists, code, tables and line breaks become HTML."""
    page = parse(render_markdown("**b** *i* ~~s~~\nnext\n\n1. one\n\n```py\nx < 1\n```\n\n|a|\n|-|\n|1|"))
    assert [page.all(tag)[0].text for tag in ("strong", "em", "s", "li", "code", "td")] == [
        "b", "i", "s", "one", "x < 1", "1",
    ]  # fmt: skip
    assert len(page.all("br")) == 1


def test_headings_of_a_reply_stand_below_those_of_the_page():
    """A screen reader's outline of the page is not torn apart by a reply."""
    page = parse(render_markdown("# one\n\n## two\n\n###### six"))
    assert [page.all(tag)[0].text for tag in ("h4", "h5", "h6")] == ["one", "two", "six"]


def test_links_open_elsewhere_and_tell_nobody_where_from():
    """Web and mail addresses stay, in a tab of their own."""
    link = parse(render_markdown("[x](https://example.org/?a=1&b=2)")).all("a")[0]
    assert link.attributes["href"] == "https://example.org/?a=1&b=2"
    assert link.attributes["target"] == "_blank"
    assert {"noopener", "noreferrer"} <= set(link.attributes["rel"].split())


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![alt](https://example.org/spy.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](/admin/logout)",
        '[x](https://example.org "<hx-partial hx-target=body onclick=alert(1) y=")',
        '<hx-partial hx-target="body">x</hx-partial>',
        '<a id="composer" class="turn" style="position:fixed" hx-get="/">x</a>',
        "<https://example.org/<hx-x>",
        "```<script>\nx\n```",
        "| <iframe> |\n|-|\n| <svg onload=alert(1)> |",
    ],
)
def test_nothing_of_it_runs_loads_or_poses_as_part_of_the_page(hostile):
    """No script, image, style, id, class, htmx attribute, or address that is not of the web survives."""
    html = render_markdown(hostile)
    assert "<hx-" not in html
    for element in parse(html).all():
        assert element.tag in HARMLESS
        assert set(element.attributes) <= {"href", "rel", "target", "start"}
        assert element.attributes.get("href", "https:").startswith(("https:", "http:", "mailto:"))


@settings(deadline=None)
@given(st.text(alphabet="<>/=\"'`#*_[]()!|~-&;:\n hxonscript", max_size=200))
def test_no_text_at_all_brings_other_elements(text):
    """Whatever is written, only the harmless elements come out."""
    html = render_markdown(text)
    assert "<hx-" not in html
    assert {element.tag for element in parse(html).all()} <= HARMLESS


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
