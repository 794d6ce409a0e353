"""Deleting sessions, which can be undone for ten seconds."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import box, button, memory_id, say, window

pytestmark = pytest.mark.browser


def test_a_deletion_can_be_undone(page, world):
    """The session is hidden, the page moves on, and the memory keeps it until then; Undo opens it again."""
    say(page, "keep me")
    address, kept = page.url, memory_id(page)
    button(page, "Delete keep me").click()
    expect(page.get_by_role("status").filter(has_text="will be erased in 10 seconds")).to_be_visible()
    expect(page.locator("#sessions a:visible")).to_have_count(0)
    expect(page.locator("#title")).to_have_text("New session")
    say(page, "meanwhile")  # and with it a swap of the list
    expect(page.locator("#sessions a:visible")).to_have_text(["meanwhile"])
    button(page, "Undo").click()
    expect(page.locator("#sessions a:visible")).to_have_text(["meanwhile", "keep me"])
    expect(window(page)).to_have_text(["keep me", "You said: keep me"])
    assert page.url == address
    assert world.memory.remembered(kept) == ["keep me", "You said: keep me"]


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_the_offer_to_undo_leaves_the_message_box_free(open_page, width):
    """On a wide screen it is over the list of sessions, on a narrow one above the messages."""
    page = open_page(viewport={"width": width, "height": 900}, locale="de")
    say(page, "keep me")
    if width < 1000:
        button(page, "Sitzungen").click()
    button(page, "keep me löschen").click()
    expect(window(page)).to_have_count(0)
    expect(page.locator("#composer")).to_be_visible()
    offer, composer = page.locator("#undo > div").bounding_box(), page.locator("#composer").bounding_box()
    assert offer["x"] + offer["width"] <= composer["x"] or offer["y"] + offer["height"] <= composer["y"]


def test_a_deletion_is_sent_after_ten_seconds(page, world):
    """And the offer to undo it ends."""
    page.clock.install()
    say(page, "forget me")
    forgotten = memory_id(page)
    button(page, "Delete forget me").click()
    expect(button(page, "Undo")).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(button(page, "Undo")).to_have_count(0)
    expect(page.locator("#sessions")).to_have_text("No sessions yet.")
    assert world.memory.remembered(forgotten) == []


def test_a_deletion_is_sent_when_the_tab_closes(page, world):
    """Hidden is not deleted, so it does not wait for a page that is gone."""
    say(page, "forget me")
    forgotten = memory_id(page)
    other = page.context.new_page()
    other.goto(page.url)
    expect(window(other)).to_have_count(2)
    page.bring_to_front()
    button(page, "Delete forget me").click()
    expect(button(page, "Undo")).to_be_visible()
    page.close()
    expect(window(other)).to_have_count(0)
    assert world.memory.remembered(forgotten) == []


def test_a_deletion_that_fails_shows_the_session_again(page, world):
    """With a sentence; what is written meanwhile is left alone."""
    say(page, "keep me")
    page.get_by_role("link", name="New session").click()
    expect(window(page)).to_have_count(0)
    box(page).fill("a draft")
    world.memory.stop()
    button(page, "Delete keep me").click()
    expect(button(page, "Undo")).to_be_focused()
    button(page, "Erase now").click()
    expect(page.locator("#notice")).to_contain_text("It may not have been deleted: memory is unreachable.")
    expect(page.locator("#sessions a:visible")).to_have_text(["keep me"])
    expect(box(page)).to_have_value("a draft")
