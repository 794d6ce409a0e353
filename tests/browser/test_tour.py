"""What a first-time visitor can try with a click: the page sends the messages, and says what it does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import live, say, window
from tests.browser.conftest import WINDOW, World, asked_to_chat
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.browser

#: Milliseconds for several turns and a fold.
LATE = 30_000 * PATIENCE


def offer(page: Page, name: str) -> None:
    """Click on an offer of the empty session, or on what is left of it above the message box."""
    page.locator("[data-offer]:visible", has_text=name).click()


def tour(page: Page):
    """The line above the message box."""
    return page.locator("#tour")


def test_a_name_is_told_with_a_click_and_the_other_offers_stay(page: Page):
    """They move above the message box, until they are tried or closed."""
    expect(page.locator(".first-visit h2")).to_have_text("This chat remembers you, and its web servers do not.")
    offer(page, "Tell it your name")
    expect(window(page)).to_have_text(["Hi, my name is Lemmy.", "You said: Hi, my name is Lemmy."])
    expect(tour(page).locator("[data-offer]")).to_have_text(["Fill the window", "Watch it fold", "Kill a worker"])
    tour(page).get_by_role("button", name="Close").click()
    expect(tour(page)).to_be_hidden()
    say(page, "on we go")
    expect(tour(page)).to_be_hidden()


def test_the_window_fills_one_message_after_another(page: Page, world: World):
    """Each is sent when the one before is remembered; the page says how far it is, and then that it is full."""
    offer(page, "Fill the window")
    expect(tour(page)).to_contain_text("Filling the window:")
    expect(tour(page)).to_contain_text("It is full.", timeout=LATE)
    expect(window(page)).to_have_count(WINDOW)
    assert sum(map(asked_to_chat, world.model.requests)) == WINDOW // 2


def test_it_can_be_stopped(page: Page, world: World):
    """The answer under way ends as it would, and nothing more is sent."""
    gate = Gate()
    world.model.enqueue(Reply(["half ", "and half"], gate=gate, gate_at=1), when=asked_to_chat)
    offer(page, "Fill the window")
    expect(live(page).locator(".reply .text")).to_have_text("half ")
    tour(page).get_by_role("button", name="Stop").click()
    gate.release()
    expect(window(page)).to_have_count(2)
    expect(live(page)).to_have_text("")
    expect(tour(page)).to_contain_text("Try next:")
    assert sum(map(asked_to_chat, world.model.requests)) == 1


def test_a_fold_is_watched_to_its_end(page: Page):
    """The page fills the window until it folds, and then points at the summary."""
    offer(page, "Watch it fold")
    expect(tour(page)).to_contain_text("Folded: read the summary.", timeout=LATE)
    expect(page.locator("#memory.look-here .summary")).to_be_visible()


def test_a_turn_that_fails_ends_it(page: Page, world: World):
    """The failed turn stays with its button, and the page sends nothing behind it."""
    world.model.enqueue(Reply(status=400, error="No."), when=asked_to_chat)
    offer(page, "Fill the window")
    expect(live(page).locator(".failed")).to_be_visible()
    expect(tour(page)).to_contain_text("Try next:")
    assert sum(map(asked_to_chat, world.model.requests)) == 1


def test_a_worker_to_kill_has_an_answer_to_give(page: Page, world: World):
    """The drawer opens with the focus on its first button, while a long answer begins."""
    gate = Gate()
    world.model.enqueue(Reply(["once ", "upon"], gate=gate, gate_at=1), when=asked_to_chat)
    offer(page, "Kill a worker")
    expect(page.locator("#drawer")).to_have_attribute("open", "")
    expect(page.get_by_role("button", name="Kill this worker")).to_be_focused()
    expect(live(page).locator(".reply .text")).to_have_text("once ")
    gate.release()
    expect(window(page)).to_have_count(2)
