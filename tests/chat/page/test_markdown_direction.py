"""The direction of the blocks of a reply."""

from __future__ import annotations

import pytest

from chat.page.markdown import parse as tokens_of, render_markdown, write
from chat.page.markdown_direction import direction_of
from chat.page.markdown_work import Allowance
from tests.support.html import parse


@pytest.mark.parametrize(
    ("text", "direction"),
    [("12, a שלום", "ltr"), ("(12) שלום a", "rtl"), ("* مرحبا", "rtl"), ("12 !", None), ("", None)],
)
def test_the_first_letter_decides(text, direction):
    """Digits and punctuation do not."""
    assert direction_of(text) == direction


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Hello\n\nשלום", ["p"]),
        ("Hello\n\n# שלום", ["h4"]),
        ("Hello\n\n- שלום\n- עולם", ["ul"]),
        ("Hello\n\n- one\n- שתיים", ["li"]),
        ("Hello\n\n1. one\n\n   שתיים", ["p"]),
        ("Hello\n\n> שלום", ["blockquote"]),
        ("Hello\n\n| א | ב |\n|-|-|\n| 1 | ג |", ["table"]),
        ("Hello\n\n| a | ב |\n|-|-|\n| 1 | c |", ["th"]),
        ("Hello\n\n`code` שלום", ["p"]),
    ],
)
def test_a_block_has_the_direction_of_its_first_letter(text, tags):
    """Said once: what is in it follows, and so does what has no letters."""
    assert [element.tag for element in parse(render_markdown(text)).all(dir="rtl")] == tags


def test_blocks_of_the_direction_of_the_message_say_nothing():
    """The browser finds that of the message by the same letter."""
    html = render_markdown("שלום `a`\n\n- עולם\n- 12\n\nHello")
    page = parse(html)
    assert [element.tag for element in page.all(dir="ltr")] == ["code", "p"]
    assert page.all(dir="rtl") == []


@pytest.mark.parametrize("text", ["`שלום`", "```\nשלום\n```", "$x$"])
def test_code_and_formulas_are_left_to_right(text):
    """In text of any direction."""
    page = parse(render_markdown(f"שלום\n\n{text}"))
    assert {element.attributes.get("dir") for tag in ("pre", "code", "math") for element in page.all(tag)} == {"ltr"}


def test_the_next_blocks_of_a_message_know_the_direction_of_the_first():
    """As if they had been read together."""
    env = {"allowance": Allowance()}
    first = write(tokens_of("שלום", env), env)
    second = write(tokens_of("Hello\n\nעולם", env), env)
    assert [first, second] == ["<p>שלום</p>\n", '<p dir="ltr">Hello</p>\n<p>עולם</p>\n']
