"""The menu of a session in the list: its title, its pin and its labels."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import button, memory_id, say
from tests.support.html import HOSTILE

pytestmark = pytest.mark.browser


def choose(page: Page, title: str, action: str) -> None:
    """Open the session's menu and choose an action."""
    page.locator("#sessions li", has_text=title).hover()
    button(page, f"Actions for {title}").click()
    page.locator("#session-menu").get_by_role("button", name=action, exact=True).click()


def test_a_session_is_renamed_in_place(page):
    """Enter saves and Escape cancels; the title in the bar and another tab follow, and nothing in a title is markup."""
    say(page, "first words")
    other = page.context.new_page()
    other.goto(page.url)
    page.bring_to_front()
    choose(page, "first words", "Rename")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("discarded")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Title")).to_have_count(0)
    choose(page, "first words", "Rename")
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Enter")
    for each in (page, other):
        expect(each.locator("#title")).to_have_text(HOSTILE)
        expect(each.locator("#sessions a")).to_have_text([HOSTILE])
    expect(page.locator("#sessions a")).to_be_focused()


def test_the_menu_is_inside_a_narrow_window(open_page):
    """Its button is near the end of the panel, and the menu is wider than what is left."""
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    say(page, "hello")
    button(page, "Sessions").click()
    button(page, "Actions for hello").click()
    expect(page.locator("#session-menu")).to_be_in_viewport(ratio=1)


def test_a_swap_of_the_list_leaves_the_menu_and_the_field(page):
    """What is being typed is neither lost nor moved when another session comes first."""
    say(page, "edit me")
    edited = memory_id(page).split(".")[1]
    other = page.context.new_page()
    other.goto("/")
    page.bring_to_front()
    choose(page, "edit me", "Rename")
    page.keyboard.type("half a ti")
    say(other, "somebody else speaks")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#sessions a").first).to_have_text("somebody else speaks")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("tle")
    page.keyboard.press("Enter")
    expect(page.locator(f"#item-{edited} a")).to_have_text("half a title")


def test_pinned_sessions_come_first_under_a_heading(page):
    """Labels are shown below the title; all of it is reachable by keyboard."""
    say(page, "pin me")
    page.get_by_role("link", name="New session").click()
    expect(page.locator("#window .message")).to_have_count(0)
    say(page, "newer")
    expect(page.locator("#sessions a")).to_have_text(["newer", "pin me"])
    expect(page.locator("#sessions > li").first).to_have_attribute("data-group", "Today")
    choose(page, "pin me", "Pin")
    expect(page.locator("#sessions a")).to_have_text(["pin me", "newer"])
    expect(page.locator("#sessions > li").first).to_have_attribute("data-group", "Pinned")
    expect(page.locator("#sessions > li").last).to_have_attribute("data-group", "Today")
    button(page, "Actions for pin me").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Unpin")).to_be_visible()
    for key in ("Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_label("Labels, separated by commas")).to_be_focused()
    page.keyboard.type(f"work, {HOSTILE.replace(',', '')[:38]}, work")
    page.keyboard.press("Enter")
    expect(page.locator("#sessions .label")).to_have_text(["work", HOSTILE[:38]])
