"""Searching messages, and opening what was found."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import append, button, memory_id, say, window

pytestmark = pytest.mark.browser


def test_a_found_message_is_shown_even_if_it_is_folded(page, world):
    """It is loaded, brought into view and marked; Escape in the field brings the list back."""
    say(page, "where do bees live?")
    for number in range(40):
        append(world, memory_id(page), ("Human", f"question {number} {'long ' * 40}"), ("AI", f"answer {number}"))
    page.get_by_role("link", name="New session").click()
    expect(window(page)).to_have_count(0)
    page.keyboard.press("Control+Shift+F")
    expect(page.get_by_label("Search your messages")).to_be_focused()
    page.keyboard.type("bees live")
    expect(page.locator("#found mark").first).to_have_text("bees")
    expect(page.locator("#sessions")).not_to_be_visible()
    page.locator('#found .hit[href$="#message-1"]').click()
    sought = page.locator(".message", has_text="where do bees live?").first
    expect(sought).to_be_in_viewport()
    expect(sought).to_have_attribute("id", "message-1")
    assert page.url.endswith("#message-1")
    page.get_by_label("Search your messages").press("Escape")
    expect(page.locator("#sessions")).to_be_visible()
    page.reload()
    expect(page.locator("#message-1")).to_be_in_viewport()
    expect(button(page, "Show earlier messages")).to_have_count(0)
