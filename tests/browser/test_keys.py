"""Keys in the message box: input methods, and screen keyboards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import box, button, live, send, window
from tests.browser.conftest import World, asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser

#: A key that an input method has handled: in Chromium and Firefox it is part of a composition, in Safari it follows it.
HANDLED = [{"isComposing": True}, {"keyCode": 229}]


def press(page: Page, key: str, **how: object) -> bool:
    """Have the message box receive a key, with further properties of its event. False: the page acted on it."""
    left_alone: bool = box(page).evaluate(
        "(box, key) => box.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...key }))",
        {"key": key, **how},
    )
    return left_alone


def answering(page: Page, world: World) -> Gate:
    """Begin an answer, which goes on when the gate is released."""
    gate = Gate()
    world.model.enqueue(Reply(["So far ", "so good"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("So far ")
    return gate


def compose(page: Page, text: str, end: str) -> None:
    """Have Chromium's input method compose a text in the message box, and press the key ``end``, which ends it."""
    box(page).focus()
    chromium = page.context.new_cdp_session(page)
    composed = {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    chromium.send("Input.imeSetComposition", composed)
    chromium.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": end, "code": end})  # without a character


def test_a_composition_is_not_sent(page):
    """Enter while Chromium composes a word sends nothing; the Enter after it does."""
    compose(page, "にほ", "Enter")
    expect(box(page)).to_have_value("にほ")
    page.context.new_cdp_session(page).send("Input.insertText", {"text": "日本"})
    expect(box(page)).to_have_value("日本")
    page.keyboard.press("Enter")
    expect(window(page)).to_have_text(["日本", "You said: 日本"])


def test_escape_while_composing_stops_nothing(page, world):
    """Escape discards what Chromium has composed, and the answer goes on."""
    gate = answering(page, world)
    compose(page, "にほ", "Escape")
    gate.release()
    expect(window(page)).to_have_text(["talk", "So far so good"])
    expect(page.locator("#window .badge")).to_have_count(0)


@pytest.mark.parametrize("handled", HANDLED, ids=str)
def test_enter_that_ends_a_composition_sends_nothing(page, handled):
    """The word that it accepts stays in the box."""
    box(page).fill("日本")
    assert press(page, "Enter", **handled)
    expect(box(page)).to_have_value("日本")
    assert not press(page, "Enter")
    expect(window(page).first).to_have_text("日本")


@pytest.mark.parametrize("handled", HANDLED, ids=str)
def test_escape_that_ends_a_composition_stops_nothing(page, world, handled):
    """The answer goes on."""
    gate = answering(page, world)
    press(page, "Escape", **handled)
    gate.release()
    expect(window(page)).to_have_text(["talk", "So far so good"])
    expect(page.locator("#window .badge")).to_have_count(0)


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """The page on a phone."""
    return open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


def test_enter_on_a_screen_keyboard_starts_a_new_line(phone):
    """Its key says so; the button sends."""
    expect(box(phone)).to_have_attribute("enterkeyhint", "enter")
    box(phone).focus()
    phone.keyboard.type("one")
    phone.keyboard.press("Enter")
    phone.keyboard.type("two")
    expect(box(phone)).to_have_value("one\ntwo")
    button(phone, "Send").click()
    expect(window(phone).first).to_have_text("one\ntwo")


@pytest.mark.parametrize("key", ["Control+Enter", "Meta+Enter"])
def test_a_keyboard_at_a_touch_screen_sends_with_a_modifier(open_page, key):
    """The line below the box says which."""
    tablet = open_page(viewport={"width": 1024, "height": 768}, has_touch=True, is_mobile=True)
    expect(tablet.get_by_text("Ctrl+Enter sends.")).to_be_visible()
    expect(tablet.get_by_text("Shift+Enter")).not_to_be_visible()
    box(tablet).fill("hello")
    tablet.keyboard.press(key)
    expect(window(tablet).first).to_have_text("hello")


def test_enter_on_a_keyboard_sends(page):
    """With a mouse, the key is labelled accordingly."""
    expect(box(page)).to_have_attribute("enterkeyhint", "send")
    expect(page.get_by_text("Shift+Enter")).to_be_visible()
    expect(page.get_by_text("Ctrl+Enter")).not_to_be_visible()
    send(page, "hello")
    expect(window(page).first).to_have_text("hello")
