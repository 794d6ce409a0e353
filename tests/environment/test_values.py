"""Numbers, switches, names and credentials, from text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environment.values import Refused, credential, name, number, switch, whole_number


def test_what_is_meant_is_taken():
    """Numbers at both ends of their range, switches in any case, names, keys."""
    assert number(0.5, 60)("0.5") == 0.5
    assert whole_number(0, 60)("60") == 60
    assert [switch(text) for text in ("true", "ON", "0", "no")] == [True, True, False, False]
    assert name("web.1") == "web.1"
    assert credential("sk-Key_1=") == "sk-Key_1="


@pytest.mark.parametrize("written", ["inf", "-inf", "nan", "-1", "61", "1e999", "ten", "9" * 5000, ""])
def test_a_number_outside_its_range_is_refused(written: str):
    """Infinity and what is no number at all are outside of every range; the range is told."""
    for meaning in (number(0, 60), whole_number(0, 60)):
        with pytest.raises(Refused, match=r"Give a (whole )?number from 0 to 60\.$"):
            meaning(written)


def test_a_fraction_is_no_whole_number():
    """It is not cut to one in silence."""
    with pytest.raises(Refused, match="whole number"):
        whole_number(1, 60)("2.7")


@pytest.mark.parametrize("written", ["a b", "a\nb", "schlüssel", "\udcff"])
def test_a_key_that_no_header_carries_is_refused_and_not_shown(written: str):
    """A key that was copied with its line end would fail with every request."""
    with pytest.raises(Refused) as refused:
        credential(written)
    assert written not in str(refused.value)


def refusal(meaning: Callable[[str], object], written: str) -> str:
    """The sentence with which ``meaning`` refuses; "" where it does not."""
    try:
        meaning(written)
    except Refused as refused:
        return str(refused)
    return ""


@settings(deadline=None)
@given(st.text())
def test_whatever_is_written_has_a_meaning_or_a_sentence(written: str):
    """No other error comes out, and no sentence is longer than a few lines."""
    for meaning in (number(0, 60), whole_number(0, 60), switch, name, credential):
        assert len(refusal(meaning, written)) < 1000
