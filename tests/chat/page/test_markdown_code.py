"""Boxes with code."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from chat.page.code_colours import LONGEST_CODE
from chat.page.markdown import render_markdown, write
from chat.page.markdown_code import OpenCode, code_token
from chat.page.markdown_work import Allowance
from tests.support.html import parse


def test_its_button_speaks_the_readers_language():
    """The sanitiser knows the words of each; no others."""
    with override("de"):
        button = parse(render_markdown("```js\nlet a;\n```")).all("button")[0]
        box = parse(render_markdown("- [x] done")).all("input")[0]
    assert (button.attributes["data-copy"], button.attributes["aria-label"]) == ("Kopieren", "Code kopieren")
    assert box.attributes["aria-label"] == "Erledigt"


def test_code_has_its_language_and_a_button():
    """The button has no text, so that the text of the box is the code."""
    box = parse(render_markdown("```js\nlet a;\n```")).all("div", of="code")[0]
    assert box.attributes == {"class": "code", "data-language": "JavaScript"}
    button = box.all("button")[0]
    assert button.attributes == {"type": "button", "data-copy": "Copy", "aria-label": "Copy the code"}
    assert (button.text, box.text) == ("", "let a;")
    assert [(span.attributes["class"], span.text) for span in box.all("span")] == [("k", "let")]


@pytest.mark.parametrize(
    "text", ["```\nx\n```", "    x\n", "```text\nx\n```", '```py"><script>\nx\n```', "``` \\py\nx\n```"]
)
def test_code_without_a_known_language_is_plain(text):
    """No language is guessed, and no name shown that is not the table's."""
    box = parse(render_markdown(text)).all("div", of="code")[0]
    assert box.all("span") == []
    assert box.text == "x"
    assert box.all("button")
    assert box.attributes.get("data-language") in {None, "Python"}


@pytest.mark.parametrize("text", ["- a\n  ```py\n  return\n  ```", "> ```py\n> return\n> ```", "- - ~~~py\n    return"])
def test_code_is_coloured_anywhere(text):
    """In lists and quotations, too."""
    assert parse(render_markdown(text)).all("span")[0].attributes == {"class": "k"}


def test_open_code_has_a_language_but_no_colours():
    """Until its end arrives."""
    html = write([code_token("return", "py", is_open=True)], {"allowance": Allowance()})
    assert 'data-language="Python"' in html
    assert "<span" not in html
    code = OpenCode("py")
    code.add("return")
    assert code.coloured(Allowance()) == '<span class="k">return</span>'
    assert OpenCode("unknown").coloured(Allowance()) is None


def test_open_code_that_is_too_long_is_not_kept():
    """Its colours would not be shown."""
    code = OpenCode("py")
    assert code.fence == "```python"
    code.add("x" * LONGEST_CODE)
    code.add("x")
    assert code.fence == ""
    assert code.coloured(Allowance()) is None
