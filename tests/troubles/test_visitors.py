"""What a visitor does first, and on the way to an account, while the page is in trouble."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import button
from tests.troubles.troubles import NASTY, TYPED, Tab, Trouble, expect_told

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"


def test_an_offer_of_the_first_visit(tab: Tab, trouble: type[Trouble]):
    """The message that it sends is answered once, and the other offers stay."""
    tab.open()
    tab.begin(tab.page.locator("[data-offer]", has_text="Tell it your name").click, "Hi, my name is Lemmy.")
    with trouble(tab):
        pass
    expect_told(tab, "Hi, my name is Lemmy.", NASTY)
    expect(tab.page.locator("#tour [data-offer]").first).to_be_visible()


def test_signing_up(tab: Tab, trouble: type[Trouble], request: pytest.FixtureRequest):
    """The session comes along, with the answer that is being written."""
    page = tab.page
    tab.open("one", NASTY)
    session = page.url
    tab.begin()
    with trouble(tab):
        page.goto("/account/sign-up")
        page.get_by_label("Username").fill(f"lemmy-{request.node.callspec.id}")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The password again").fill(PASSWORD)
        button(page, "Sign up").click()
        page.wait_for_url("**/s/*")
        page.goto(session)
        page.evaluate("window.sameDocument = true")
    expect_told(tab, "one", NASTY, TYPED, NASTY)
