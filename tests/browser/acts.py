"""What a person does on the page, and where they look."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def send(page: Page, text: str) -> None:
    """Write a message and press Enter."""
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def say(page: Page, text: str) -> None:
    """Send a message and wait until its answer is remembered."""
    before = page.locator("#window .message.human", has_text=text).count()
    send(page, text)
    expect(page.locator("#window .message.human", has_text=text)).to_have_count(before + 1)
    expect(page.locator("#live .turn:not(.unsaved)")).to_have_count(0)


def window(page: Page) -> Locator:
    """The messages of the window."""
    return page.locator("#window .message .text")


def live(page: Page) -> Locator:
    """The turn under way, and those that came to nothing."""
    return page.locator("#live")


def button(page: Page, name: str) -> Locator:
    """A button by its words."""
    return page.get_by_role("button", name=name, exact=True)


def box(page: Page) -> Locator:
    """The message box."""
    return page.get_by_label("Message", exact=True)


def notice(page: Page) -> Locator:
    """The sentence beside the message box."""
    return page.locator("#notice")


def outage(page: Page) -> Locator:
    """The sentence above the messages while something is away."""
    return page.locator("#outage")


def memory_id(page: Page) -> str:
    """The memory id of the session that the page shows."""
    return page.locator("#session").get_attribute("data-session") or ""


def turn_to(page: Page) -> None:
    """Come back to the window, which was in sight all the time."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")
