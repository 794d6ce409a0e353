"""Browsers that keep no cookies, or store nothing for pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import box, button, notice, say, send, window
from tests.browser.conftest import World
from tests.support.chromium import CHROMIUM, OPTIONS
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.browser

#: The value of Chromium's setting that blocks something everywhere.
BLOCKED = 2
NEEDS_COOKIES = "This page needs a cookie to know which sessions are yours, and your browser keeps none."
#: As browsers do that refuse it: even to look at it is an error.
NO_STORAGE = """Object.defineProperty(window, "sessionStorage", {
    configurable: true,
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
});"""


@pytest.fixture
def without_cookies(chromium: Browser, world: World, tmp_path: Path) -> Iterator[Page]:
    """A page in a browser of which the user has blocked all cookies."""
    preferences = {"profile": {"default_content_setting_values": {"cookies": BLOCKED}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=OPTIONS, base_url=world.site.url
    )
    page = context.new_page()
    page.set_default_timeout(10_000 * PATIENCE)
    yield page
    context.close()


def test_without_cookies_the_page_says_what_it_needs(without_cookies):
    """In one sentence that stays, instead of being another visitor at each request."""
    page = without_cookies
    errors, requests, sockets = [], [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto("/")
    assert page.context.cookies() == []
    expect(notice(page)).to_contain_text(NEEDS_COOKIES)
    page.on("request", lambda request: requests.append(request.url))
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.mouse.move(5, 5)
    send(page, "hello")
    button(page, "Send").click()
    expect(notice(page)).to_contain_text(NEEDS_COOKIES)
    page.get_by_role("link", name="New session").click()
    expect(notice(page)).to_contain_text(NEEDS_COOKIES)
    expect(page.locator("#connection")).to_have_text("Not connected.")
    expect(box(page)).to_have_value("hello")
    assert (errors, requests, sockets) == ([], [], [])


def test_without_storage_the_page_works_and_asks_before_a_draft_is_lost(open_page):
    """Drafts cannot survive a reload there. Where nothing is lost, nothing is asked."""
    page = open_page()
    asked = []

    def dismiss(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.add_init_script(NO_STORAGE)
    page.reload()
    say(page, "hello")
    expect(window(page)).to_have_text(["hello", "You said: hello"])
    page.reload()
    expect(window(page)).to_have_text(["hello", "You said: hello"])
    assert asked == []
    box(page).press_sequentially("half a thought")
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_event("dialog") if not asked else None
    assert asked == ["beforeunload"]
    expect(box(page)).to_have_value("half a thought")
    box(page).press("Enter")
    expect(window(page)).to_have_count(4)
