"""A message that is written while an answer runs: it waits, and is sent after the answer, or at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import box, button, live, memory_id, notice, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


def waiting(page: Page) -> Locator:
    """The message that waits."""
    return page.locator("#queue")


@pytest.fixture
def gate(page, world) -> Gate:
    """Holds an answer to "count", of which "one " is on the page."""
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "count")
    expect(live(page).locator(".reply .text")).to_have_text("one ")
    return gate


def test_a_message_waits_for_the_answer(page, gate, world):
    """It is shown above the box, and sent once the answer is remembered; the next one stays in the box."""
    send(page, "go on")
    expect(waiting(page)).to_contain_text("go on")
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()
    send(page, "and another")
    expect(notice(page)).to_have_text("One message waits already. This one is kept here.")
    expect(box(page)).to_have_value("and another")
    gate.release()
    expect(window(page)).to_have_text(["count", "one two", "go on", "You said: go on"])
    expect(waiting(page)).to_have_text("")
    expect(box(page)).to_have_value("and another")
    assert world.memory.remembered(memory_id(page)) == ["count", "one two", "go on", "You said: go on"]


def test_stop_and_send(page, gate):
    """The answer is stopped, stays as far as it came, and the message follows it."""
    send(page, "never mind")
    button(page, "Stop and send").click()
    expect(window(page)).to_have_text(["count", "one", "never mind", "You said: never mind"])
    expect(page.locator("#window .badge")).to_have_text("stopped")
    expect(notice(page)).to_have_text("")


def test_it_can_be_removed_or_edited(page, gate):
    """Edit puts it back into the box, before what was written since."""
    send(page, "first")
    waiting(page).get_by_role("button", name="Remove").click()
    expect(waiting(page)).to_have_text("")
    expect(box(page)).to_be_focused()
    send(page, "second")
    box(page).fill("third")
    waiting(page).get_by_role("button", name="Edit").click()
    expect(box(page)).to_have_value("second\n\nthird")
    gate.release()
    expect(window(page)).to_have_text(["count", "one two"])


def test_it_is_a_draft_after_a_reload(page, gate):
    """Nothing is sent by a page that its user has just opened."""
    send(page, "first")
    box(page).fill("second")
    page.reload()
    expect(box(page)).to_have_value("first\n\nsecond")
    gate.release()
    expect(window(page)).to_have_text(["count", "one two"])
    expect(box(page)).to_have_value("first\n\nsecond")


def test_it_does_not_follow_an_answer_that_failed(page, world):
    """The user decides: after a retry it is sent, or before."""
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two"], gate=gate, gate_at=1, error="The model fell over."), when=asked_to_chat)
    send(page, "count")
    expect(live(page).locator(".reply .text")).to_have_text("one ")
    send(page, "go on")
    gate.release()
    expect(button(page, "Retry")).to_be_visible()
    expect(waiting(page)).to_contain_text("Not sent yet.")
    button(page, "Retry").click()
    expect(window(page)).to_have_text(["count", "You said: count", "go on", "You said: go on"])
    expect(waiting(page)).to_have_text("")


def test_it_waits_through_a_lost_connection(page, gate, world):
    """The workers die: another answers the turn again, and the message follows."""
    send(page, "go on")
    killed = world.kill_workers()
    world.wait_for_workers(killed)
    expect(window(page)).to_have_text(["count", "You said: count", "go on", "You said: go on"], timeout=60_000)
