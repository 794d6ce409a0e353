"""Page numbers in addresses."""

from __future__ import annotations

import pytest

from chat.web.paging import page_number


@pytest.mark.parametrize(("written", "page"), [("1", 1), ("007", 7), ("100", 100)])
def test_a_page_that_can_be(written, page):
    """Digits from 1 to the last page are accepted."""
    assert page_number(written, 100) == page


@pytest.mark.parametrize("written", ["", "0", "-1", "+1", "x", "1e1", "²", "٣", " 1", "1_0", "101", "9" * 5000])
def test_a_page_that_cannot_be(written):
    """Anything else gives None, including numbers of thousands of digits, which Python refuses to parse."""
    assert page_number(written, 100) is None
