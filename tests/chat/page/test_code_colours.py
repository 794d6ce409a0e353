"""The colours of code, and what they cost at most."""

from __future__ import annotations

from html import unescape

import pytest
from django.utils.html import strip_tags
from hypothesis import given, settings, strategies as st

from chat.page.code_colours import CLASSES, LONGEST_CODE, LONGEST_LINE, coloured
from chat.page.code_languages import LEXERS
from chat.page.markdown_work import MESSAGE_COLOURS, Allowance, colour_work
from tests.support.hostile_markdown import repeated
from tests.support.html import parse

CODE = "amplifier = turn_on()  # then wait\n"


def test_words_have_the_classes_of_pygments():
    """Those without a colour have none, and neighbours of one class are one piece."""
    html = coloured('def f(a):\n    return {"x<b>": 1}  # end\n', "Python", Allowance())
    assert html is not None
    found = [(span.attributes["class"], span.text) for span in parse(html).all("span")]
    assert found == [("k", "def"), ("nf", "f"), ("k", "return"), ("s", '"x<b>"'), ("m", "1"), ("c", "# end")]


@pytest.mark.parametrize("language", LEXERS)
def test_no_language_changes_the_code(language):
    """Not its blank lines, tabs, odd characters, or a missing line end."""
    for code in ("\n\n\t a <b> = 'c' & \"d\"; /* é 🎸 */ # e\n\n", "<a b='c'>", "", "\x0b\x0c\x85\u2028x = 1", "$x"):
        html = coloured(code, language, Allowance())
        assert html is None or unescape(strip_tags(html)) == code


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(LEXERS)), st.text(alphabet="<>/\"'`#$%(){}[];:=*-+\\\n\t a1_é@!&|", max_size=80))
def test_nothing_but_words_with_classes_comes_out(language, code):
    """Whatever the code is."""
    html = coloured(code, language, Allowance()) or ""
    assert {element.tag for element in parse(html).all()} <= {"span"}
    assert {element.attributes.get("class") for element in parse(html).all()} <= CLASSES


def test_long_code_stays_plain():
    """And code with a long line."""
    assert coloured(CODE * (LONGEST_CODE // len(CODE)), "Python", Allowance())
    assert coloured(CODE * (LONGEST_CODE // len(CODE) + 1), "Python", Allowance()) is None
    assert coloured("x" * LONGEST_LINE, "Python", Allowance()) is not None
    assert coloured("x" * (LONGEST_LINE + 1), "Python", Allowance()) is None


def test_code_beyond_the_allowance_stays_plain():
    """Of a message, and of a page; other work is left."""
    code = CODE * 280
    count = int(MESSAGE_COLOURS // colour_work(code))
    page = Allowance.of_page()
    for _ in range(2):
        message = page.of_message()
        found = [coloured(code, "Python", message) for _ in range(count + 1)]
        assert None not in found[:count]
        assert found[count] is None
    assert coloured(code, "Python", page.of_message()) is None
    message.spend(work=1_000, html=1_000)


@pytest.mark.parametrize(("language", "unit"), [("JavaScript", '\\"'), ("TypeScript", "a."), ("TSX", "a?")])
def test_hostile_code_is_abandoned(language, unit):
    """Whose cost grows with its square; the code that follows stays plain, and everything else is left."""
    code = (repeated(unit, LONGEST_LINE - 1) + "\n") * (LONGEST_CODE // LONGEST_LINE)
    page = Allowance.of_page()
    message = page.of_message()
    assert coloured(code, language, message) is None
    assert coloured("x", language, message) is None
    assert coloured("x", language, page.of_message()) is None
    message.spend(work=1_000, html=1_000)
