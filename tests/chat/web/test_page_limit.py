"""The limit on pages a minute."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManyPages
from chat.web.page_limit import PageLimit

HERE, THERE = "93.184.216.34", "93.184.216.35"


def test_a_visitor_has_a_limit_in_each_minute():
    """Pages above the limit are refused until the minute is over; those of other visitors are not."""
    now = 100.0
    limit = PageLimit(per_visitor=2, per_address=0, clock=lambda: now)
    for _ in range(2):
        for owner in ("bob", "eve"):
            limit.take(owner, HERE)
            limit.take(owner, THERE)
        with pytest.raises(TooManyPages, match=r"opened 2 pages.*in 60 seconds") as refused:
            limit.take("bob", None)
        assert (refused.value.reason, refused.value.retry_after) == ("visitor", 60)
        now += 60


def test_a_new_cookie_brings_no_more_pages():
    """An address has a limit of its own, whatever its visitors are called."""
    limit = PageLimit(per_visitor=2, per_address=3)
    for number in range(3):
        limit.take(f"visitor {number}", HERE)
    with pytest.raises(TooManyPages, match="Your network has opened its 3 pages") as refused:
        limit.take("another visitor", HERE)
    assert refused.value.reason == "address"
    limit.take("another visitor", THERE)


def test_refusing_the_cookie_brings_no_more_pages():
    """Without one, an address has no more pages than one visitor."""
    limit = PageLimit(per_visitor=1, per_address=3)
    limit.take(None, HERE)
    with pytest.raises(TooManyPages):
        limit.take(None, HERE)
    limit.take("bob", HERE)
    limit.take(None, THERE)


def test_an_unknown_address_has_no_limit():
    """It may be a proxy's."""
    limit = PageLimit(per_visitor=1, per_address=1)
    for _ in range(3):
        limit.take(None, None)
