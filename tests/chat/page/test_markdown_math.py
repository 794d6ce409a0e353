"""Formulas in Markdown."""

from __future__ import annotations

import pytest

from chat.page.markdown import render_markdown
from chat.page.markdown_work import Allowance, block_work, formula_work, inline_work
from tests.support.html import parse


def formulas(text: str) -> list[str]:
    """The text of the formulas in ``text``."""
    return [formula.text for formula in parse(render_markdown(text)).all("math")]


@pytest.mark.parametrize(
    ("text", "display"),
    [
        (r"so \(a_1 * b_1 * c\) it", "inline"),
        ("so $a_1 * b_1 * c$ it", "inline"),
        (r"so \[a_1 * b_1 * c\] it", "block"),
        ("so $$a_1 * b_1 * c$$ it", "block"),
        ("\\[\na_1\n* b_1\n* c\n\\]", "block"),
        ("so\n$$\na_1\n* b_1\n* c\n$$\nit", "block"),
        ("> $$\n> a_1\n> * b_1 * c\n> $$", "block"),
        ("- so\n\n  $$ a_1 * b_1 * c $$\n", "block"),
    ],
)
def test_a_formula_is_mathml_and_not_emphasis_or_a_list(text, display):
    """Between words or on lines of its own, however it is marked."""
    (formula,) = parse(render_markdown(text)).all("math")
    assert formula.text == "a1*b1*c"
    assert formula.attributes["display"] == display


@pytest.mark.parametrize(
    "text",
    [
        *("It costs $5, not $10.", "$5/$10", "$20K–$30K", "US$5 and A$6", "from $5 to 10$", "$ a$", "$a $", "$$"),
        *("$PATH:$HOME", r"\$a\$", "a $5 bill and a 10$ one", "$a\nb$", r"\\(a\\)", "`$a$`", "```\n$a$\n```"),
    ],
)
def test_prices_and_variables_are_no_formulas(text):
    """Nor is what is escaped, or code."""
    assert formulas(text) == []


@pytest.mark.parametrize(
    "tex",
    [
        r"\(\frac{1\)",
        r"\[ \unknown{_a_} \]",
        "$$\n\\frac{\n- a\n$$",
        r"$\a$",
        r"\( a",
        r"\[ *b",
        r"$x^{<b>$",
        r"$\a_b_c$",
    ],
)
def test_what_cannot_be_shown_keeps_its_backslashes(tex):
    """Also if it never ends."""
    shown = parse(render_markdown(f"a\n{tex}"))
    assert shown.text == f"a\n{tex}"
    assert shown.all("math") == []


def test_a_blank_line_ends_what_was_not_a_formula():
    """Nothing after it is swallowed."""
    html = render_markdown("$$\na\n\n**b**\n\n$$\n\n\\[ c\n\n\\]")
    assert "<strong>b</strong>" in html
    assert "<math" not in html


def test_a_long_formula_has_a_line_of_its_own():
    """Where it can be scrolled."""
    (formula,) = parse(render_markdown(f"so $a{'+ b' * 30}$ it")).all("math")
    assert formula.attributes["display"] == "block"


def test_formulas_are_counted_before_they_are_converted():
    """Where they are too much, they stay as they were written, and the rest is formatted."""
    text = "**b** $a^2$ $a^2$"
    html = render_markdown(text, Allowance(block_work(text) + inline_work([text]) + formula_work("a^2")))
    assert html.count("<math") == 1
    assert "<strong>b</strong>" in html
    assert "$a^2$" in html
