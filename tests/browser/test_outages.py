"""The page during and after outages of the memory server, the model and the store."""

from __future__ import annotations

import pytest
import redis
from playwright.sync_api import expect

from tests.browser.acts import box, button, live, memory_id, notice, outage, say, send, window
from tests.browser.conftest import asked_to_chat, asked_to_summarise
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import PATIENCE
from tests.support.turns_of_a_test import wait_until_idle

pytestmark = pytest.mark.browser

#: Milliseconds until a server that keeps its connections but answers nothing is given up.
LATE = 30_000 * PATIENCE


@pytest.fixture(autouse=True)
def nothing_left_to_say(page):
    """No sentence outlives its reason: at the end of a test, none is left next to the message box."""
    yield
    expect(notice(page)).to_have_text("")


def lose_the_append(page, world, text: str) -> None:
    """Run a turn whose answer arrives, but whose append finds no memory server."""
    gate = Gate()
    world.model.enqueue(Reply(["It is ", "noted."], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, text)
    gate.wait_until_reached()
    world.memory.stop()
    gate.release()
    expect(live(page).locator(".trouble")).to_contain_text("Not remembered.")


def times_asked(world) -> int:
    """The number of the chat's requests to the model; folds of other sessions do not count."""
    return sum(map(asked_to_chat, world.model.requests))


def test_without_memory_the_model_is_not_asked_and_the_draft_stays(page, world):
    """The page says that memory is unreachable and keeps the message; Retry gets an answer when memory is back."""
    say(page, "hello")
    world.memory.stop()
    asked = times_asked(world)
    send(page, "hi im bob")
    expect(live(page).locator(".trouble")).to_contain_text("Memory is unreachable. Your message is kept here.")
    expect(box(page)).to_have_value("hi im bob")
    assert times_asked(world) == asked
    expect(outage(page)).to_contain_text("Memory is unreachable.")
    world.memory.start()
    expect(outage(page)).to_have_text("")
    button(page, "Retry").click()
    expect(window(page)).to_have_text(["hello", "You said: hello", "hi im bob", "You said: hi im bob"])
    expect(box(page)).to_have_value("")


def test_the_same_draft_can_be_sent_again_after_an_outage(page, world):
    """Enter works like Retry: the failed attempt does not get in the way."""
    world.memory.stop()
    send(page, "hi im bob")
    expect(button(page, "Retry")).to_be_visible()
    world.memory.start()
    box(page).press("Enter")
    expect(window(page)).to_have_text(["hi im bob", "You said: hi im bob"])


def test_an_outage_does_not_look_like_an_empty_session(page, world):
    """A page opened during an outage says so, and shows the session as soon as memory is back."""
    say(page, "hello")
    world.memory.stop()
    response = page.reload()
    assert response.status == 503
    expect(outage(page)).to_contain_text("Memory is unreachable.")
    expect(page.locator(".first-visit")).to_have_count(0)
    expect(window(page)).to_have_count(0)
    assert page.locator("#window").inner_text().strip() == ""
    world.memory.start()
    expect(window(page)).to_have_text(["hello", "You said: hello"])
    expect(outage(page)).to_have_text("")


def test_a_reply_that_was_not_saved_is_saved_again_with_one_click(page, world):
    """The reply is marked as not remembered. Save again, used too early and then once more, remembers it once."""
    say(page, "hello")
    lose_the_append(page, world, "remember this")
    expect(live(page).locator(".reply .text")).to_have_text("It is noted.")
    button(page, "Save again").click()
    expect(live(page).locator(".save-notice")).to_contain_text("Memory is still unreachable.")
    world.memory.start()
    button(page, "Save again").click()
    expect(window(page)).to_have_text(["hello", "You said: hello", "remember this", "It is noted."])
    expect(live(page)).to_have_text("")
    assert world.memory.remembered(memory_id(page)).count("remember this") == 1


def test_an_unsaved_first_turn_can_be_saved(page, world):
    """Even the first turn of a session that does not exist yet can be saved later."""
    lose_the_append(page, world, "remember this")
    world.memory.start()
    button(page, "Save again").click()
    expect(window(page)).to_have_text(["remember this", "It is noted."])


def append_too_late(page, world, text: str) -> None:
    """Run a turn whose append reaches a paused memory server, which executes it after the chat has given up."""
    gate = Gate()
    world.model.enqueue(Reply(["It is ", "noted."], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, text)
    gate.wait_until_reached()
    world.memory.pause()
    gate.release()
    expect(live(page).locator(".trouble")).to_contain_text("Not remembered.", timeout=LATE)
    expect(outage(page)).to_contain_text("Memory is unreachable.", timeout=LATE)


def test_a_late_append_is_noticed(page, world):
    """If the memory server has remembered the exchange after all, it moves into the window automatically."""
    say(page, "hello")
    append_too_late(page, world, "remember this")
    world.memory.resume()
    expect(window(page)).to_have_text(["hello", "You said: hello", "remember this", "It is noted."])
    expect(live(page)).to_have_text("")


def test_a_reply_is_not_saved_behind_later_turns(page, world):
    """After other turns, saving again is refused with a sentence, and the text stays on the page."""
    lose_the_append(page, world, "remember this")
    world.memory.start()
    say(page, "something else")
    button(page, "Save again").click()
    expect(live(page).locator(".save-notice")).to_contain_text("Other turns have passed since.")
    expect(live(page).locator(".reply .text")).to_have_text("It is noted.")
    assert world.memory.remembered(memory_id(page)) == ["something else", "You said: something else"]


def test_a_summary_model_that_is_down_leaves_a_note_and_the_chat_goes_on(page, world):
    """While the summary cannot be written, the page says that it is pending, and every message stays in the window."""
    down = Reply(status=500, error="The summary model is down.")
    world.model.enqueue(*[down] * 20, when=lambda request: asked_to_summarise(request, "fact 0"))
    for number in range(4):
        say(page, f"fact {number}")
    expect(page.locator("#memory")).to_contain_text("Summary pending")
    expect(window(page)).to_have_count(8)
    say(page, "and on")
    expect(window(page)).to_have_count(10)


def test_a_store_that_restarts_is_a_pause(page, world):
    """While Valkey is down the page says so; afterwards it goes on with all its messages."""
    say(page, "hello")
    world.store.stop()
    send(page, "hi im bob")
    expect(notice(page)).to_contain_text("cannot be reached. Your message is kept here")
    expect(box(page)).to_have_value("hi im bob")
    expect(outage(page)).to_contain_text("Answers go on as soon as it is back.")
    world.store.start()
    expect(outage(page)).to_have_text("")
    expect(notice(page)).to_have_text("")
    box(page).press("Enter")
    expect(window(page)).to_have_text(["hello", "You said: hello", "hi im bob", "You said: hi im bob"])
    expect(notice(page)).to_have_text("")


def test_a_paused_store_is_a_pause_too(page, world):
    """No connection breaks while Valkey is paused, but the sentence about it is still removed afterwards."""
    say(page, "hello")
    world.store.pause()
    send(page, "hi im bob")
    expect(notice(page)).to_contain_text("cannot be reached. Your message is kept here", timeout=LATE)
    world.store.resume()
    expect(notice(page)).to_have_text("")
    expect(outage(page)).to_have_text("")
    expect(box(page)).to_have_value("hi im bob")


def test_a_full_store_is_named_until_the_user_goes_on(page, world):
    """The store answers questions meanwhile, but it takes no message: the page says so, and the box has it again."""
    say(page, "hello")
    wait_until_idle(world.store.url)  # otherwise the end of the run could be refused, too
    with redis.Redis.from_url(world.store.url) as store:
        store.config_set("maxmemory", "1")
        try:
            send(page, "hi im bob")
            expect(notice(page)).to_contain_text("This site's store is full")
            expect(box(page)).to_have_value("hi im bob")
            button(page, "Copy").first.click()  # the sentence is over with the next action
            expect(notice(page)).to_have_text("")
            box(page).press("Enter")
            expect(notice(page)).to_contain_text("Your message is kept here")
        finally:
            store.config_set("maxmemory", "0")
    box(page).press("Enter")
    expect(window(page)).to_have_text(["hello", "You said: hello", "hi im bob", "You said: hi im bob"])


def test_an_answer_that_cannot_end_says_why(page, world):
    """During an outage of the store the whole text is shown without its end: the page says so, and goes on later."""
    gate = Gate()
    world.model.enqueue(Reply(["all ", "of it"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("all ")
    world.store.pause()
    gate.release()
    expect(outage(page)).to_contain_text("Answers go on as soon as it is back.", timeout=LATE)
    button(page, "Stop").click()
    expect(notice(page)).to_have_text(
        "It was not stopped. The chat's own store cannot be reached. Try again in a moment.",
        timeout=LATE,
    )
    world.store.resume()
    expect(window(page)).to_have_text(["talk", "all of it"])
    expect(outage(page)).to_have_text("")
    expect(notice(page)).to_have_text("")
    expect(button(page, "Stop")).to_have_count(0)
