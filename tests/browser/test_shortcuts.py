"""Keyboard shortcuts, the list of them, and the palette of sessions and actions."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import box, button, live, memory_id, say, send, window
from tests.browser.conftest import World, asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


def palette(page: Page) -> Locator:
    """The field of the open palette."""
    page.keyboard.press("Control+K")
    field = page.get_by_role("combobox", name="Find a session or an action")
    expect(field).to_be_focused()
    expect(page.locator("#palette").get_by_role("option").first).to_be_visible()  # they come after their field
    return field


def active(page: Page) -> Locator:
    """The option that Enter chooses, as assistive technology knows it."""
    number = page.locator("#palette-text").get_attribute("aria-activedescendant")
    return page.locator(f'[id="{number}"][aria-selected=true]')


def sheet(page: Page) -> Locator:
    """The list of shortcuts."""
    return page.get_by_role("dialog", name="Keyboard shortcuts")


def make_sessions(page: Page, *names: str) -> None:
    """Say each name in a session of its own; the last one stays open."""
    for number, name in enumerate(names):
        if number:
            page.get_by_role("link", name="New session").click()
            expect(window(page)).to_have_count(0)
        say(page, name)
        expect(page.locator("#sessions [aria-current=page]")).to_have_text(name)


def test_the_palette_opens_a_session_by_part_of_its_name(page):
    """Arrow keys choose among those that have the words, and the message box has the focus afterwards."""
    make_sessions(page, "red boat", "green boat", "blue car")
    field = palette(page)
    expect(page.get_by_role("group", name="Sessions").get_by_role("option")).to_have_text(
        ["blue car", "green boat", "red boat"]
    )
    field.type("boat")
    expect(page.locator("#palette").get_by_role("option")).to_have_text(["green boat", "red boat"])
    expect(active(page)).to_have_text("green boat")
    page.keyboard.press("ArrowDown")
    expect(active(page)).to_have_text("red boat")
    page.keyboard.press("Enter")
    expect(window(page).first).to_have_text("red boat")
    expect(field).not_to_be_visible()
    expect(box(page)).to_be_focused()
    expect(page.locator("#sessions [aria-current=page]")).to_have_text("red boat")


def test_the_palette_knows_more_sessions_than_the_list_shows(page, world):
    """They come from the server."""
    say(page, "open")
    owner = memory_id(page).split(".")[0]
    for number in range(52):
        said = {"messages": [{"role": "Human", "content": f"number {number}" if number else "the oldest"}]}
        address = f"{world.memory.url}/sessions/{owner}.s{number}/memory?namespace=chat.{owner}"
        httpx.post(address, json=said, trust_env=False).raise_for_status()
    palette(page).type("old")
    expect(active(page)).to_have_text("the oldest")
    page.keyboard.press("Enter")
    expect(window(page).first).to_have_text("the oldest")


def test_the_palette_says_why_something_cannot_be_done(page, world):
    """It stays open, and does nothing, until the reason is gone."""
    palette(page).type("stop")
    expect(active(page)).to_have_attribute("aria-disabled", "true")
    expect(active(page)).to_contain_text("No answer is in progress.")
    page.keyboard.press("Enter")
    expect(active(page)).to_be_visible()
    page.keyboard.press("Control+K")
    expect(box(page)).to_be_focused()
    gate = Gate()
    world.model.enqueue(Reply(["So far ", "so good"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("So far ")
    palette(page).type("stop")
    expect(active(page)).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#window .badge")).to_have_text("stopped")
    gate.release()


def test_a_session_is_deleted_from_the_palette(page):
    """It can be taken back for a while; the message box of a new session has the focus."""
    say(page, "forget me")
    expect(page.locator("#sessions [aria-current=page]")).to_have_count(1)
    palette(page).type("delete")
    page.keyboard.press("Enter")
    expect(button(page, "Undo")).to_be_visible()
    expect(page.locator("#title")).to_have_text("New session")
    expect(box(page)).to_be_focused()


def test_the_list_of_shortcuts_opens_outside_text_fields(page):
    """Not while one writes; Escape closes it, and the focus is where it was."""
    box(page).type("what?")
    expect(box(page)).to_have_value("what?")
    page.locator("#log").focus()
    page.keyboard.press("?")
    expect(sheet(page)).to_contain_text("Find a session or an action")
    page.keyboard.press("Escape")
    expect(sheet(page)).not_to_be_visible()
    expect(page.locator("#log")).to_be_focused()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("what?")


def test_single_keys_can_be_switched_off(page):
    """They stay off after a reload, while shortcuts with a modifier work."""
    button(page, "Keyboard shortcuts").click()
    page.get_by_label("Keys without Ctrl, ⌘ or Alt work outside text fields").uncheck()
    page.reload()
    page.locator("#log").focus()
    page.keyboard.press("?")
    palette(page).type("show keyboard")
    expect(sheet(page)).not_to_be_visible()
    page.keyboard.press("Enter")
    expect(sheet(page).get_by_role("checkbox")).not_to_be_checked()


def test_sessions_are_walked_through_with_the_keyboard(page):
    """Alt and an arrow open the next one and the one before, also from the message box; another key, a new one."""
    make_sessions(page, "older", "newer")
    page.keyboard.press("Alt+ArrowDown")
    expect(window(page).first).to_have_text("older")
    expect(page.locator("#sessions [aria-current=page]")).to_have_text("older")
    page.keyboard.press("Alt+ArrowUp")
    expect(window(page).first).to_have_text("newer")
    page.keyboard.press("Control+Shift+O")
    expect(window(page)).to_have_count(0)
    expect(box(page)).to_be_focused()


def test_the_last_reply_is_copied_with_the_keyboard(page, world):
    """As it was written."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    world.model.enqueue("It is **bold**.", when=asked_to_chat)
    say(page, "hi")
    page.keyboard.press("Control+Shift+C")
    expect(page.locator("#window .reply").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "It is **bold**."


def test_the_focus_stays_in_the_list_when_an_item_is_deleted(page):
    """It moves to the session that has taken the place."""
    make_sessions(page, "first", "second", "third")
    button(page, "Delete second").press("Enter")
    button(page, "Erase now").press("Enter")
    expect(page.locator("#sessions a")).to_have_text(["third", "first"])
    expect(page.locator("#sessions a", has_text="first")).to_be_focused()


def test_the_palette_opens_from_a_panel_on_a_phone(open_page: Callable[..., Page], world: World):
    """A tap on Find closes the panel; a tap on an option does what it says."""
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    say(page, "hello")
    button(page, "Sessions").tap()
    button(page, "Find").tap()
    expect(page.locator("#side")).not_to_be_visible()
    page.get_by_role("option", name="New session").tap()
    expect(window(page)).to_have_count(0)
