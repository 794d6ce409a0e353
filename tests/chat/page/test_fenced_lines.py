"""Code in the plain text below a growing reply."""

from __future__ import annotations

import pytest

from chat.page.fenced_lines import FencedLines


def shown(*pieces: str) -> str:
    """The HTML of all pieces, one behind the other."""
    lines = FencedLines()
    return "".join(lines.shown(piece) for piece in pieces).replace('</span><span class="fenced">', "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("1. a\n\n   ```sh\n   x <y>\n   z\n   ```\n   b", ("x &lt;y&gt;", "z", "```")),
        ("- ```\n  x\n\n  y\n  ```\n- b", ("x", "y", "```")),
        ("- a\r\n  - b\r\n\r\n    ~~~\r\n    x\r\n    ~~~ z\r\n    ~~~\r\n", ("x", "~~~ z", "~~~")),
        ("> ```py\n> x = 1\n> ```\n> b", ("x = 1", "```")),
        ("> - 1. ```\n>      x\n", ("x",)),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5, 1_000])
def test_code_in_a_list_or_quotation_is_code_from_its_first_line(text, html, size):
    """In whatever pieces it arrives; the text around it is not."""
    result = shown(*(text[at : at + size] for at in range(0, len(text), size)))
    code = "".join(part.split("</span>")[0] for part in result.split('<span class="fenced">')[1:])
    lines = (line.removeprefix("&gt;").strip() for line in code.split("\n"))
    assert [line for line in lines if line] == list(html)


@pytest.mark.parametrize(
    "text", ["a\n    ```\n    b\n", "- ```a``` b\n  c\n", "1. a <b>\n\n   ```sh", "- a\n  ``\n  b\n", "", "\n"]
)
def test_other_text_stays_as_it_is(text):
    """Without a fence, or before the line below it, there is no HTML."""
    assert shown(text) == text
    assert shown(*text) == text


def test_many_lines_of_code_make_little_html():
    """Those that arrive together are in one element."""
    assert len(shown("- a\n  ```\n" + "x\n" * 50_000)) < 110_000
