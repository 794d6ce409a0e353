"""Text, numbers, switches, choices, names and credentials."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from environment.values import Refused, choice, credential, integer, key_prefix, line, name, number, switch, text, words


def test_valid_texts_give_their_values():
    """Text, numbers at both ends of their range, switches in any case, choices, names and keys are accepted."""
    assert number(0.5, 60)("0.5") == 0.5
    assert integer(0, 60)("60") == 60
    assert [switch(each) for each in ("true", "ON", "0", "no")] == [True, True, False, False]
    assert choice("text", "json")("json") == "json"
    assert (text("Zwei\nZeilen"), line("eine Zeile")) == ("Zwei\nZeilen", "eine Zeile")
    assert words(" one\ntwo  three ") == ["one", "two", "three"]
    assert name("web.1") == "web.1"
    assert key_prefix("shop:") == "shop:"
    assert credential("sk-Key_1=") == "sk-Key_1="


@pytest.mark.parametrize("written", ["inf", "-inf", "nan", "-1", "61", "1e999", "ten", "9" * 5000, ""])
def test_a_number_outside_its_range_is_refused(written: str):
    """So are infinity and texts that are not numbers; the sentence gives the range."""
    for meaning in (number(0, 60), integer(0, 60)):
        with pytest.raises(Refused, match=r"Write a (whole )?number from 0 to 60\.$"):
            meaning(written)


def test_a_fraction_is_not_a_whole_number():
    """It is not silently truncated."""
    with pytest.raises(Refused, match="whole number"):
        integer(1, 60)("2.7")


@pytest.mark.parametrize("written", ["{shop}:", "a shop:", "*", ""])
def test_a_prefix_that_would_move_keys_is_refused(written: str):
    """Braces are hash tags, and a star or a space would not be safe in patterns and lines."""
    with pytest.raises(Refused, match="letters, digits, dots, colons"):
        key_prefix(written)


@pytest.mark.parametrize("written", ["a b", "a\nb", "schlüssel", "\udcff"])
def test_a_key_that_no_header_carries_is_refused_and_not_shown(written: str):
    """A key copied together with its line end would fail on every request."""
    with pytest.raises(Refused) as refused:
        credential(written)
    assert written not in str(refused.value)


def test_text_that_is_not_utf_8_is_refused_and_not_shown():
    """It may be a secret key."""
    with pytest.raises(Refused, match=r"^is not UTF-8\. Write it in that encoding\.$"):
        text("s3cret\udcff")


@pytest.mark.parametrize("written", ["gpt\nx", "gpt\udcff", "\x7f"])
def test_a_line_that_cannot_be_printed_is_refused(written: str):
    """So are bytes that are not UTF-8, and control characters; the sentence quotes them in ASCII."""
    with pytest.raises(Refused, match=rf"^is {re.escape(repr(written))}\. Write printable characters"):
        line(written)


def test_a_word_that_is_not_among_the_choices_is_refused():
    """The sentence lists the choices."""
    with pytest.raises(Refused, match=r"^is 'xml'\. Write text or json\.$"):
        choice("text", "json")("xml")
    with pytest.raises(Refused, match=r"^is 'd'\. Write a, b or c\.$"):
        choice("a", "b", "c")("d")


def refusal(meaning: Callable[[str], object], written: str) -> str:
    """The sentence with which ``meaning`` refuses ``written``; "" if it accepts it."""
    try:
        meaning(written)
    except Refused as refused:
        return str(refused)
    return ""


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_a_value_or_a_sentence(written: str):
    """No other error is raised, and no sentence is longer than a few lines."""
    for meaning in (text, line, number(0, 60), integer(0, 60), switch, choice("text", "json"), name, credential):
        assert len(refusal(meaning, written)) < 1000
