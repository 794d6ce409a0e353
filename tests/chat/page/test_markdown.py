"""Markdown of the model: formatted, and harmless."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.page.markdown import render_markdown
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
