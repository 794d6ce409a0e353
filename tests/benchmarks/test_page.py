"""What a reader of the page sees, for a few turns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from benchmarks.page import NOTE_FIRST, first_tokens, in_frontend, sites
from tests.support.chromium import CHROMIUM, MISSING, chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a site whose model says when it sends its first token."""
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    with sites() as site, chromium() as browser:
        page = browser.new_context(base_url=site.url).new_page()
        page.add_init_script(NOTE_FIRST)
        page.goto("/")
        yield page


def test_the_page_and_the_client_for_frontends_get_every_first_token(page: Page) -> None:
    """Each one but the first, which loads what later ones have, counts."""
    times = [*first_tokens(page, 3)["first_token"].values(), in_frontend(page, 3)["in_frontend"]]
    assert [len(each) for each in times] == [2, 2, 2]
    assert min(map(min, times)) > 0
