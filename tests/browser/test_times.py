"""Times on the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import say
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.browser


def test_times_of_another_day_have_its_date(open_page):
    """Also in a tab that was left open over midnight."""
    page = open_page(locale="en-GB", timezone_id="Asia/Tokyo")
    say(page, "hello")
    time = page.locator("#window time").first
    expect(time).to_have_text(re.compile(r"^\d\d:\d\d$"))
    of_today = time.inner_text()
    page.clock.install()
    page.reload()
    expect(time).to_have_text(of_today)
    page.clock.fast_forward("24:00:00")
    expect(time).to_have_text(re.compile(rf"^\d+ \w+ \d{{4}}, {of_today}$"), timeout=10_000 * PATIENCE)
