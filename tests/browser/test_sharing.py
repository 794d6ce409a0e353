"""Sharing a session by a link, and what those who have it see."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import button, say
from tests.support.hostile_text import PAYLOADS, assert_nothing_ran
from tests.support.html import HOSTILE

pytestmark = pytest.mark.browser


def share(page: Page) -> str:
    """The address of a new link to the open session; its dialog stays open."""
    button(page, "Create a link").click()
    return page.locator("#share-address").inner_text()


def test_a_link_opens_a_page_to_read(page: Page, open_page: Callable[..., Page]) -> None:
    """As it is now, fit for a phone, without a cookie, a script or anything to press; until the link is revoked."""
    say(page, f"**Hello** {HOSTILE}")
    say(page, f"Code:\n```python\nprint('{'long ' * 40}')\n```")
    page.locator("#sessions li").hover()
    page.locator("#sessions [data-menu]").click()
    page.locator("#session-menu").get_by_role("button", name="Share").click()
    address = share(page)
    reader = open_page("/shared/nothing")
    requests: list[str] = []
    reader.on("request", lambda request: requests.append(request.resource_type))
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_contain_text(HOSTILE[:20])
    expect(reader.locator(".message.human .text").first).to_have_text(f"**Hello** {HOSTILE}")
    expect(reader.locator(".message.reply strong").first).to_have_text("Hello")
    assert reader.get_by_role("button").count() == reader.get_by_role("textbox").count() == 0
    assert "script" not in requests
    assert reader.context.cookies() == []
    reader.set_viewport_size({"width": 390, "height": 844})
    expect(reader.locator(".code")).to_contain_text("long long")
    assert reader.evaluate("document.documentElement.scrollWidth") == 390, "something is wider than a phone"
    page.keyboard.press("Escape")
    say(page, "said later")
    reader.reload()
    expect(reader.locator(".message.human .text").last).to_have_text("said later")
    button(page, "Shared links").click()
    button(page, "Revoke").click()
    expect(page.locator("#share")).to_contain_text("There are no links")
    reader.reload()
    expect(reader.locator("body")).to_contain_text("This link leads nowhere any more")


def test_nothing_runs_on_a_shared_page(page: Page, open_page: Callable[..., Page]) -> None:
    """In its title, summary and messages, nor in the dialogs that list its link."""
    said = [{"role": role, "text": payload} for payload in PAYLOADS for role in ("Human", "AI")]
    numbered = [{"id": str(number), **message} for number, message in enumerate(said, 1)]
    summary = {"text": "\n".join(PAYLOADS), "through": str(len(said) - 2)}
    session = {"title": "".join(PAYLOADS)[:200], "summary": summary, "messages": numbered}
    content = json.dumps({"format": "motorhead-chat", "version": 1, "sessions": [session]}).encode()
    button(page, "Import sessions").click()
    page.locator("#import-files").set_input_files({"name": "x.json", "mimeType": "text/json", "buffer": content})
    expect(page.locator("#import-report")).to_contain_text("Imported: 1 session")
    page.keyboard.press("Escape")
    page.locator("#sessions li").hover()
    page.locator("#sessions [data-menu]").click()
    page.locator("#session-menu").get_by_role("button", name="Share").click()
    reader = open_page(urlsplit(share(page)).path)
    expect(reader.locator(".message.human .text")).to_have_text(PAYLOADS)
    expect(reader.locator(".summary")).to_have_text("\n".join(PAYLOADS))
    assert_nothing_ran(reader)
    page.keyboard.press("Escape")
    button(page, "Shared links").click()
    expect(page.locator("#share")).to_contain_text("<script>window.ran = 1</script>")
    assert_nothing_ran(page)


def test_the_palette_acts_on_the_open_session(page: Page) -> None:
    """It renames, pins, labels, downloads and shares it, and imports others; in a new session it says why not."""

    def act(name: str) -> None:
        page.keyboard.press("Control+k")
        expect(page.locator("#palette")).to_be_visible()
        page.locator("#palette-text").fill(name)
        expect(page.locator("#palette-list [role=option]")).to_have_count(1)
        page.keyboard.press("Enter")

    page.keyboard.press("Control+k")
    page.locator("#palette-text").fill("rename")
    expect(page.locator("#palette-list")).to_contain_text("Nothing is remembered of it yet.")
    page.keyboard.press("Escape")
    say(page, "hello")
    act("rename this")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("A trip")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text("A trip")
    act("pin or unpin")
    expect(page.locator("#sessions li[data-pinned]")).to_have_count(1)
    act("labels of this")
    page.keyboard.type("Spain")
    page.keyboard.press("Enter")
    expect(page.locator("#sessions .label")).to_have_text("Spain")
    with page.expect_download() as download:
        act("session as markdown")
    assert download.value.suggested_filename == "a-trip.md"
    act("share this")
    expect(page.get_by_role("dialog", name="Share this session")).to_contain_text("A trip")
    page.keyboard.press("Escape")
    act("import sessions")
    expect(page.get_by_role("dialog", name="Import sessions")).to_be_visible()
