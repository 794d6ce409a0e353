"""What stays on the page of a failed turn, and for how long."""

from __future__ import annotations

import pytest
import redis
from playwright.sync_api import Page, expect

from tests.browser.acts import HIDE, SHOW, box, button, erase, live, memory_id, notice, say, send, shown_again, window
from tests.browser.conftest import World, asked_to_chat
from tests.support.scripted_openai import Reply

pytestmark = pytest.mark.browser


def break_off(page: Page, world: World, text: str) -> None:
    """Run a turn whose model fails in the middle."""
    world.model.enqueue(Reply(["Half of ", "it"], cut_after=1), when=asked_to_chat)
    send(page, text)
    expect(button(page, "Retry")).to_be_visible()
    expect(box(page)).to_have_value("")


def let_five_minutes_pass(page: Page, world: World) -> None:
    """Make the server forget the session's last turn, as it does after five minutes."""
    with redis.Redis.from_url(world.store.url) as client:
        for key in client.scan_iter(f"chat:run:*{memory_id(page)}*"):
            client.delete(key)


def come_back(page: Page) -> None:
    """Hide the tab, which closes its socket, and show it again."""
    with shown_again(page):
        page.evaluate(HIDE)
        page.evaluate(SHOW)


def test_a_failed_turn_stays_for_a_late_return(page, world):
    """After the tab was hidden for longer than the server knows the turn, message, answer and Retry are still there."""
    say(page, "hello")
    break_off(page, world, "carefully written")
    let_five_minutes_pass(page, world)
    come_back(page)
    expect(live(page).locator(".human .text")).to_have_text("carefully written")
    expect(live(page).locator(".reply .text")).to_have_text("Half of")
    button(page, "Retry").click()
    expect(window(page)).to_have_count(4)
    expect(live(page)).to_have_text("")


def test_a_failed_turn_goes_if_it_was_answered_while_the_tab_was_hidden(page, world):
    """After a retry in another tab, it is shown in the window, and only once."""
    break_off(page, world, "carefully written")
    other = page.context.new_page()
    other.goto(page.url)
    page.evaluate(HIDE)
    button(other, "Retry").click()
    expect(window(other)).to_have_count(2)
    page.evaluate(SHOW)
    expect(window(page)).to_have_count(2)
    expect(live(page)).to_have_text("")


def test_the_words_of_a_failed_turn_outlive_a_late_reload(page, world):
    """They are in the box then, as a new message."""
    break_off(page, world, "carefully written")
    let_five_minutes_pass(page, world)
    page.reload()
    expect(box(page)).to_have_value("carefully written")
    expect(live(page)).to_have_text("")
    box(page).press("Enter")
    expect(window(page)).to_have_text(["carefully written", "You said: carefully written"])
    expect(box(page)).to_have_value("")
    page.reload()
    expect(window(page)).to_have_count(2)
    expect(box(page)).to_have_value("")


def test_nothing_of_a_deleted_session_is_shown_again(page, world):
    """A failed turn disappears with its session, from every page that shows it and from its address."""
    say(page, "hello")
    break_off(page, world, "carefully written")
    address = page.url
    other = page.context.new_page()
    other.goto(address)
    expect(button(other, "Retry")).to_be_visible()
    page.bring_to_front()
    erase(page, "hello")
    expect(notice(other)).to_contain_text("This session was deleted.")
    expect(live(other)).to_have_text("")
    with shown_again(page):
        page.goto(address)
    expect(page.locator("#log .first-visit")).to_be_visible()
    expect(page.locator("#served")).to_have_text("no recent turn")
    expect(box(page)).to_have_value("")
