"""Markdown of the model, whole and while it grows: formatted, and harmless."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from chat.page.markdown import DEEPEST, render_markdown
from chat.page.markdown_code import ELEMENTS as CODE
from chat.page.markdown_work import MESSAGE_HTML, Allowance, TooMuchMarkdown
from chat.page.mathml import ELEMENTS
from tests.support.hostile_markdown import HOSTILE, ORDINARY
from tests.support.html import parse

HARMLESS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a", "ul", "ol", "li"),
    *("h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "input", *ELEMENTS, *CODE),
}
#: Values that are no addresses, and that no text can choose freely.
SETTLED = {"rel", "target", "start", "dir", "type", "checked", "disabled", "display", "aria-label"}


def test_what_models_write_is_formatted():
    """Emphasis, lists, code, tables and line breaks become HTML."""
    page = parse(render_markdown("**b** *i* ~~s~~\nnext\n\n1. one\n\n```py\nx < 1\n```\n\n|a|\n|-|\n|1|"))
    assert [page.all(tag)[0].text for tag in ("strong", "em", "s", "li", "code", "td")] == [
        "b", "i", "s", "one", "x < 1", "1",
    ]  # fmt: skip
    assert len(page.all("br")) == 1


def test_the_end_of_a_line_is_a_line_break():
    """However it is written; a blank line ends the paragraph."""
    assert render_markdown("a\nb  \nc\\\nd\re\r\nf\n \ng") == (
        "<p>a<br>\nb<br>\nc<br>\nd<br>\ne<br>\nf</p>\n<p>g</p>\n"
    )


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
        '```py" onclick="alert(1)\nx\n```',
        "```py'><img src=x onerror=alert(1)>\nx\n```",
        "~~~<hx-partial hx-target=body>\nx\n~~~",
        '```html\n</code></pre></div><script>alert(1)</script><img src=x onerror="alert(1)">\n```',
        "```html\n<hx-partial hx-target='body'>x</hx-partial>\n```",
        "```js\n</span><svg onload=alert(1)>` ${`</pre>`}\n```",
        '<div class="code" data-language="<script>"><button data-copy onclick=alert(1)>x</button></div>',
        '    <button type="submit" form="composer">\n',
        "| <iframe> |\n|-|\n| <svg onload=alert(1)> |",
        "https://example.org/<script>alert(1)</script>",
        "$\\text{<img src=x onerror=alert(1)>}$ $\\href{javascript:alert(1)}{x}$ $\\class{turn}{x}$",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        "- [ ] <input onclick=alert(1)>",
    ],
)
def test_nothing_of_it_runs_loads_or_poses_as_part_of_the_page(hostile):
    """No script, image, style, id, class of the page, htmx attribute, or address that is not of the web survives."""
    html = render_markdown(hostile)
    assert "<hx-" not in html
    for element in parse(html).all():
        assert element.tag in HARMLESS
        own = CODE.get(element.tag, {})
        assert set(element.attributes) <= {"href", *SETTLED, *ELEMENTS.get(element.tag, ()), *own}
        assert all(element.attributes[name] in values for name, values in own.items() if name in element.attributes)
        assert element.attributes.get("href", "https:").startswith(("https:", "http:", "mailto:"))


@settings(deadline=None)
@given(st.text(alphabet="<>/=\"'`#*_[]()!|~-&;:\n$\\\\{} hxonscript", max_size=200))
def test_no_text_at_all_brings_other_elements(text):
    """Whatever is written, only the harmless elements come out."""
    html = render_markdown(text)
    assert "<hx-" not in html
    assert {element.tag for element in parse(html).all()} <= HARMLESS


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("length", [1_541, 100_000])
def test_what_is_made_of_hostile_text_is_bounded(name, length):
    """Few characters do not become many cells, nor many characters more HTML than a page can take."""
    try:
        html = render_markdown(HOSTILE[name](length))
    except TooMuchMarkdown:
        return
    assert len(html) <= MESSAGE_HTML
    assert html.count("<td") + html.count("<th>") <= 25_000


@pytest.mark.parametrize("name", ["wide table", "brackets", "brackets and backticks", "list", "table", "lines"])
def test_what_would_keep_a_worker_busy_is_refused(name):
    """Before any of it is done."""
    allowance = Allowance()
    with pytest.raises(TooMuchMarkdown):
        render_markdown(HOSTILE[name](100_000), allowance)
    assert "<strong>" in render_markdown("**a**", allowance)


def test_a_small_table_that_becomes_a_large_one_is_refused():
    """A row of one character has as many cells as the head has."""
    with pytest.raises(TooMuchMarkdown):
        render_markdown(HOSTILE["wide table"](1_541))


@pytest.mark.parametrize("marker", ["> ", "- ", "1. "])
def test_nesting_is_bounded(marker):
    """Of lists in lists, and of quotations."""
    html = render_markdown(marker * 100 + "a")
    deepest = max(html[:end].count("<") - 2 * html[:end].count("</") for end in range(len(html)))
    assert deepest <= DEEPEST + 2


def test_a_long_ordinary_reply_is_formatted():
    """As long as a message that is shown whole, with lists, code and tables in it."""
    assert render_markdown(ORDINARY(100_000)).count("<table>") > 100
