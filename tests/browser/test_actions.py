"""What can be done at a message: its buttons, and a session that begins at it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chat.domain.messages import Message, Role
from chat.page import fragments
from tests.browser.acts import act, box, live, memory_id, notice, say, send, window
from tests.browser.conftest import asked_to_chat
from tests.browser.pretend_server import PretendServer
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


def test_a_session_forks_at_a_message(page, world):
    """The page moves on to a session with what was said up to there, ready to write in; the other one stays."""
    say(page, "one")
    say(page, "two")
    original = memory_id(page)
    act(page, "Fork", "You said: one").click()
    expect(window(page)).to_have_text(["one", "You said: one"])
    expect(box(page)).to_be_focused()
    expect(page.locator("#sessions a")).to_have_count(2)
    say(page, "another way")
    assert world.memory.remembered(memory_id(page)) == ["one", "You said: one", "another way", "You said: another way"]
    assert world.memory.remembered(original) == ["one", "You said: one", "two", "You said: two"]


def test_what_cannot_be_done_says_why(page, world):
    """While the session answers, nothing is replaced; the buttons are grey, and name the reason when pressed."""
    say(page, "one")
    gate = Gate()
    world.model.enqueue(Reply(["half ", "an answer"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "two")
    expect(live(page).locator(".reply .text")).to_have_text("half ")
    expect(act(page, "Edit", "one")).to_have_attribute("aria-disabled", "true")
    act(page, "Regenerate", "You said: one").click(force=True)
    expect(notice(page)).to_have_text(
        "This session is still answering. Wait for the answer or stop it, then try again."
    )
    gate.release()
    expect(window(page)).to_have_count(4)
    expect(act(page, "Edit", "one")).not_to_have_attribute("aria-disabled", "true")


def test_the_original_server_has_none_of_it(page):
    """It gives messages no numbers, so their buttons are grey and say what it cannot do."""
    with PretendServer(page) as server:
        said = fragments.messages([Message(Role.HUMAN, "one"), Message(Role.AI, "two")])
        server.tell(fragments.swap("#window", "innerHTML", said))
        for name, text in (("Edit", "one"), ("Fork", "one"), ("Regenerate", "two")):
            expect(act(page, name, text)).to_have_attribute("aria-disabled", "true")
            act(page, name, text).click(force=True)
            expect(notice(page)).to_contain_text("This memory server cannot do that")
        assert [body for body in server.received if body["type"] == "send"] == []


def test_a_folded_message_offers_another_way(page, world):
    """It cannot be edited any more, so the sentence names what can be done; a fork from it begins before the fold."""
    for text in ("one", "two", "three", "four"):
        say(page, text)
    expect(page.locator("#earlier-list .message").first).to_be_visible()
    act(page, "Edit", "one").click(force=True)
    expect(notice(page)).to_contain_text("Restore an earlier version of the summary, or fork the session from here.")
    act(page, "Fork", "You said: one").click()
    expect(window(page)).to_have_text(["one", "You said: one"])


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_the_actions_of_the_last_exchange(open_page, width):
    """At each other message one button shows and hides them, by keyboard too; every row begins where the text does."""
    page = open_page(viewport={"width": width, "height": 700}, has_touch=True, is_mobile=True)
    for text in ("one", "two"):
        say(page, text)
    first, *_, asked, answered = page.locator("#window .message").all()
    shows = first.get_by_role("button", name="Actions")
    for last in (asked, answered):
        expect(last.get_by_role("button", name="Copy")).to_be_visible()
        expect(last.get_by_role("button", name="Actions")).to_have_count(0)
    expect(first.get_by_role("button")).to_have_count(1)
    shows.tap()
    expect(first.get_by_role("button", name="Edit")).to_be_visible()
    expect(shows).to_have_attribute("aria-expanded", "true")
    shows.press("Enter")
    expect(first.get_by_role("button")).to_have_count(1)
    expect(shows).to_be_focused()
    assert answered.evaluate(_STARTS) == 1


#: How many edges the rows below a message begin at: its time, and the words of its buttons.
_STARTS = """(message) => {
    const rows = new Map();
    for (const part of message.querySelectorAll(".under :is(time, button)")) {
        const { top, bottom, left, width } = part.getBoundingClientRect();
        const start = Math.round(left + Number.parseFloat(getComputedStyle(part).paddingLeft)
            + Number.parseFloat(getComputedStyle(part).borderLeftWidth));
        const row = Math.round((top + bottom) / 20);
        if (width) rows.set(row, Math.min(rows.get(row) ?? Infinity, start));
    }
    return new Set(rows.values()).size;
}"""


def test_the_palette_answers_again(page, world):
    """It has what can be done at the last messages; the focus is in the message box afterwards."""
    say(page, "one")
    world.model.enqueue("better", when=asked_to_chat)
    page.keyboard.press("Control+K")
    page.keyboard.type("regenerate")
    expect(page.locator("#palette").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(window(page)).to_have_text(["one", "better"])
    expect(box(page)).to_be_focused()
