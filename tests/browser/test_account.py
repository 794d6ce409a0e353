"""Signing up and in on the page, and being forgotten."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import button, notice, say, turn_to, window
from tests.support.staff import PASSWORD

pytestmark = pytest.mark.browser


def open_menu(page: Page, name: str) -> None:
    """Open the menu at the end of the list, which names ``name``."""
    page.locator("#side").get_by_text(name, exact=True).click()


def test_sessions_follow_their_owner_until_forgotten(open_page: Callable[..., Page]) -> None:
    """From a visitor's browser into an account, into another browser, and away; by keyboard where that is shorter."""
    page = open_page()
    say(page, "hi im bob")
    other_tab = page.context.new_page()
    other_tab.goto(page.url)
    expect(window(other_tab)).to_have_count(2)
    page.bring_to_front()
    address = page.url
    open_menu(page, "Visitor on this browser")
    page.get_by_role("link", name="Sign up").click()
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("bob-of-the-tests")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The password again").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(window(page)).to_have_text(["hi im bob", "You said: hi im bob"])
    assert page.url == address
    expect(notice(other_tab)).to_contain_text("Reload the page")
    other_tab.reload()
    expect(window(other_tab)).to_have_count(2)

    phone = open_page(viewport={"width": 390, "height": 844})
    say(phone, "i am on the train")
    phone.goto("/account/sign-in")
    expect(phone.get_by_text("Take the session of this browser along")).to_be_visible()
    phone.get_by_label("Username").fill("bob-of-the-tests")
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.locator("#sessions a")).to_have_text(["i am on the train", "hi im bob"])
    turn_to(page)
    page.reload()
    expect(page.locator("#sessions a")).to_have_count(2)

    open_menu(page, "bob-of-the-tests")
    page.get_by_role("link", name="Forget me").click()
    page.get_by_label("To go on, type forget me:").fill("forget me")
    button(page, "Erase everything").click()
    expect(page.get_by_role("heading", name="You are forgotten")).to_be_visible()
    expect(page.locator("dd").first).to_have_text("2")
    phone.reload()
    expect(phone.locator("#sessions")).to_have_text("No sessions yet.")
