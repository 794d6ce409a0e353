"""Actions of a person on the page, and the elements they look at."""

from __future__ import annotations

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import World


def send(page: Page, text: str) -> None:
    """Write a message and press Enter, or on a touch screen the button."""
    box(page).fill(text)
    if box(page).get_attribute("enterkeyhint") == "send":
        page.keyboard.press("Enter")
    else:
        button(page, "Send").click()


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
    """The turn in progress, and failed or unsaved ones."""
    return page.locator("#live")


def button(page: Page, name: str) -> Locator:
    """The button with this name."""
    return page.get_by_role("button", name=name, exact=True)


def box(page: Page) -> Locator:
    """The message box."""
    return page.get_by_label("Message", exact=True)


def notice(page: Page) -> Locator:
    """The sentence next to the message box."""
    return page.locator("#notice")


def outage(page: Page) -> Locator:
    """The sentence above the messages during an outage."""
    return page.locator("#outage")


def memory_id(page: Page) -> str:
    """The memory id of the session that the page shows."""
    return page.locator("#session").get_attribute("data-session") or ""


def turn_to(page: Page) -> None:
    """Return the focus to the browser window, which was visible all along."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def append(world: World, session: str, *messages: tuple[str, str]) -> None:
    """Append messages, each with its role, as another client."""
    said = [{"role": role, "content": content} for role, content in messages]
    answer = httpx.post(f"{world.memory.url}/sessions/{session}/memory", json={"messages": said}, trust_env=False)
    answer.raise_for_status()
