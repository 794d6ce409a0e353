"""TeX as MathML."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings, strategies as st

from chat.page.mathml import DEEPEST_ELEMENT, ELEMENTS, mathml
from tests.support.html import parse

TEX = (
    *("a", "b", "1", "<", "&", "{", "}", "^", "_", "'", ".", r"\\", r"\frac", r"\sqrt", r"\left(", r"\right)"),
    *(r"\text{", r"\begin{cases}", r"\end{cases}", r"\hat", r"\hspace{9em}"),
)


@pytest.mark.parametrize(
    ("tex", "tags", "text"),
    [
        (r"\frac{a}{b}", {"mfrac"}, "ab"),
        (r"x_1^2 < \sqrt{y}", {"msubsup", "msqrt"}, "x12<y"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", {"mtable", "mtr", "mtd"}, "a=b=c"),
        (r"\begin{dcases} 1 & x > 0 \end{dcases}", {"mtable"}, "{1x>0"),
        (r"\text{if } \mathbb{R} \ni \alpha", {"mtext"}, "ifℝ∋α"),
        (r"\arg z \label{eq:1} \nonumber", set(), "argz"),
    ],
)
def test_what_models_write_becomes_mathml(tex, tags, text):
    """With the environments that they use."""
    formula = parse(mathml(tex, display=False) or "").all("math")[0]
    assert tags <= {element.tag for element in formula.all()}
    assert formula.text == text


def test_limits_stand_below_on_a_line_of_its_own():
    """And beside their operator between words."""
    assert "<munder><mo>lim</mo>" in (mathml(r"\lim_{x \to 0} x", display=True) or "")
    assert "<msub><mo>lim</mo>" in (mathml(r"\lim_{x \to 0} x", display=False) or "")


@pytest.mark.parametrize(
    "tex",
    [
        r"\sum\limits",
        r"\limits",
        *("", r"\frac{", "x^", r"\unknown x", "a & b", r"\begin{nothing} a \end{nothing}", r"\left( a"),
        *(r"\def\a{aa}\a", r"\newcommand{\a}{aa}\a", r"\DeclareMathOperator{\a}{b}\a", r"\href{http://a}{b}"),
        *("x" * 2_001, "{" * 200 + "}" * 200, r"\sqrt" * 300 + " x"),
    ],
)
def test_what_is_broken_unknown_or_too_large_is_none(tex):
    """So that it can be shown as it was written."""
    assert mathml(tex, display=True) is None


@pytest.mark.parametrize(
    ("tex", "without"),
    [
        (r"\hspace{-99em} a", "width"),
        (r"\hspace{99em} a", "width"),
        (r"\rule{1em}{1em}", "mathbackground"),
        (r"\color{red}{a}", "color"),
        (r"\genfrac(){99em}{0}{a}{b}", "linethickness"),
    ],
)
def test_a_formula_stays_in_its_place_and_colour(tex, without):
    """No lengths that reach out of its message."""
    assert without not in (mathml(tex, display=True) or "")


def test_markup_in_a_formula_is_text():
    """It is not executed or taken for an element."""
    html = mathml(r"\text{<script>alert(1)</script>} <b>", display=True) or ""
    assert {element.tag for element in parse(html).all()} <= set(ELEMENTS)
    assert parse(html).text == "<script>alert(1)</script><b>"


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(TEX), max_size=20).map(" ".join))
def test_any_tex_becomes_clean_mathml_or_nothing(tex):
    """Of the known elements and attributes, and not too deep."""
    html = mathml(tex, display=True) or "<math></math>"
    depth = deepest = 0
    for slash in re.findall(r"<(/?)", html):
        depth += -1 if slash else 1
        deepest = max(deepest, depth)
    assert deepest <= DEEPEST_ELEMENT
    for element in parse(html).all():
        assert set(element.attributes) <= set(ELEMENTS[element.tag])
