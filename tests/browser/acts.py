"""Actions of a person on the page, and the elements they look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import httpx
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.browser.conftest import World
from tests.support.servers import PATIENCE

#: Scripts that hide the tab, which closes its socket, and show it again.
HIDE = """
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
"""
SHOW = 'delete document.hidden; document.dispatchEvent(new Event("visibilitychange"));'


def send(page: Page, text: str) -> None:
    """Write a message and press Enter, or on a touch screen the button."""
    box(page).fill(text)
    if box(page).get_attribute("enterkeyhint") == "send":
        page.keyboard.press("Enter")
    else:
        button(page, "Send").click()


def act(page: Page, name: str, text: str) -> Locator:
    """The button below the message with this text."""
    message = page.locator(".messages > .message").filter(has=page.get_by_text(text, exact=True))
    return message.get_by_role("button", name=name, exact=True)


def say(page: Page, text: str) -> None:
    """Send a message and wait until its answer is remembered."""
    before = page.locator("#window .message.human", has_text=text).count()
    send(page, text)
    expect(page.locator("#window .message.human", has_text=text)).to_have_count(before + 1)
    expect(page.locator("#live .turn:not(.unsaved)")).to_have_count(0)


def erase(page: Page, title: str) -> None:
    """Press the session's cross, and do not wait until it can no longer be undone."""
    button(page, f"Delete {title}").click()
    button(page, "Erase now").click()


def window(page: Page) -> Locator:
    """The messages of the window."""
    return page.locator("#window .message .text")


def live(page: Page) -> Locator:
    """The turn in progress, and failed or unsaved ones."""
    return page.locator("#live")


def outbox(page: Page) -> Locator:
    """The message on its way to the server."""
    return page.locator("#outbox")


def button(page: Page, name: str) -> Locator:
    """The button with this name."""
    return page.get_by_role("button", name=name, exact=True)


def box(page: Page) -> Locator:
    """The message box."""
    return page.locator("#text")


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


@contextmanager
def shown_again(page: Page) -> Iterator[None]:
    """Wait until a socket opened in the block has received the window, the last of its first frames."""
    frames: list[str] = []

    def note(frame: str | bytes) -> None:
        frames.append(str(frame))

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    page.on("websocket", watch)
    yield
    deadline = monotonic() + 20 * PATIENCE
    while not any("#window" in frame for frame in frames):
        assert monotonic() < deadline
        page.wait_for_timeout(20)  # Playwright dispatches events meanwhile; the frame may have come before the wait
    page.remove_listener("websocket", watch)
