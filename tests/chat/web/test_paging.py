"""Numbers of pages, as anybody may write them into an address."""

from __future__ import annotations

import pytest

from chat.web.paging import page_number


@pytest.mark.parametrize(("written", "page"), [("1", 1), ("007", 7), ("100", 100)])
def test_a_page_that_can_be(written, page):
    """Digits, from 1 to the last page."""
    assert page_number(written, 100) == page


@pytest.mark.parametrize("written", ["", "0", "-1", "+1", "x", "1e1", "²", "٣", " 1", "1_0", "101", "9" * 5000])
def test_a_page_that_cannot_be(written):
    """None, also for numbers of thousands of digits, which Python refuses to read."""
    assert page_number(written, 100) is None
