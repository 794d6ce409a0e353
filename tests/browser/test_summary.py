"""What a person does to the summary from the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import button, say
from tests.browser.conftest import WINDOW, asked_to_summarise

pytestmark = pytest.mark.browser


def test_messages_are_folded_on_demand_up_to_one_of_them(page, world):
    """They stay visible above the fold mark, also in another tab."""
    world.model.enqueue("The user counts.", when=lambda request: asked_to_summarise(request, "message 0"))
    for number in range(2):
        say(page, f"message {number}")
    other = page.context.new_page()
    other.goto(page.url)
    reply = page.locator("#window .message").nth(1)
    reply.hover()
    reply.get_by_role("button", name="Fold up to here").click()
    for tab in (page, other):
        expect(tab.locator("#memory .summary")).to_have_text("The user counts.")
        expect(tab.locator("#memory")).to_contain_text(f"2 of {WINDOW} messages")


def test_a_verb_that_is_not_possible_says_why(page):
    """Its button is grey, and a click shows the reason beside it."""
    expect(button(page, "Fold now")).to_have_attribute("aria-disabled", "true")
    button(page, "Fold now").click(force=True)
    expect(page.locator("#memory-notice")).to_contain_text("Nothing is remembered of this session yet.")
    say(page, "hi")
    button(page, "Fold now").click(force=True)
    expect(page.locator("#memory-notice")).to_contain_text("at most half full")
