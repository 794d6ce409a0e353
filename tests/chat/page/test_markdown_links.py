"""Bare addresses and footnotes in Markdown."""

from __future__ import annotations

import pytest

from chat.page.markdown import render_markdown
from tests.support.html import parse


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("See https://a.example/b?c=d&e=f#g.", ["https://a.example/b?c=d&e=f#g"]),
        ("(http://a.example/b_(c)), https://d.example!", ["http://a.example/b_(c)", "https://d.example"]),
        ("**https://a.example/** _https://b.example/c_d_", ["https://a.example/", "https://b.example/c_d"]),
        ("请看https://a.example/b，谢谢", ["https://a.example/b"]),
        ("HTTPS://A.example:80/~b", ["HTTPS://A.example:80/~b"]),
        ("https://a.example\\\nb", ["https://a.example"]),
        ("| a |\n|-|\n| https://a.example |", ["https://a.example"]),
        ("[https://a.example](https://b.example)", ["https://b.example"]),
        ("<https://a.example>", ["https://a.example"]),
        ("`https://a.example` xhttps://b javascript://c ftp://d http:// https://?", []),
    ],
)
def test_a_bare_address_is_a_link(text, addresses):
    """Without the punctuation of its sentence; not in code or in another word, and only if it is of the web."""
    assert [link.attributes["href"] for link in parse(render_markdown(text)).all("a")] == addresses


def test_a_link_that_was_made_of_an_address_is_like_any_other():
    """It opens elsewhere, and tells nobody where from."""
    (link,) = parse(render_markdown("https://a.example/<hx-x>")).all("a")
    assert link.attributes["target"] == "_blank"
    assert "noreferrer" in link.attributes["rel"]
    assert link.attributes["href"] == link.text == "https://a.example/"


def test_footnotes_stay_text():
    """Also a note of one word, which could be the target of a link."""
    html = render_markdown("A claim[^1] and [a link][2].\n\n[^1]: Proof\n\n[2]: https://a.example")
    assert parse(html).text == "A claim[^1] and a link.\n[^1]: Proof"
