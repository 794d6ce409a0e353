"""A model's reasoning on the page: folded away while it streams, and never remembered."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import button, live, memory_id, say, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.html import HOSTILE
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


def thinking(*more: str, gate: Gate, gate_at: int) -> Reply:
    """A reply that thinks first."""
    return Reply(["<think>\nWho is ", "Bob?", *more], gate=gate, gate_at=gate_at)


def test_reasoning_is_folded_away_while_it_streams_and_stays_in_this_tab(page, world):
    """It grows behind a summary, says in the end how long it took, and stays open or closed above the answer."""
    gate = Gate()
    world.model.enqueue(thinking(" He said so.</think>\n\nHello Bob.", gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "hi im bob")
    expect(live(page).locator(".reasoning summary")).to_have_text("Thinking…")
    expect(live(page).locator(".thoughts")).to_be_hidden()
    live(page).locator(".reasoning summary").click()
    expect(live(page).locator(".thoughts")).to_have_text("Who is Bob?")
    expect(live(page).locator(".reply .text")).to_be_hidden()
    gate.release()
    expect(window(page)).to_have_text(["hi im bob", "Hello Bob."])
    kept = page.locator("#window .message.reply .reasoning")
    expect(kept.locator("summary")).to_have_text(re.compile("^Thought for "))
    expect(kept.locator(".thoughts")).to_have_text("Who is Bob? He said so.")
    expect(kept.locator(".thoughts")).to_be_visible()
    expect(live(page)).to_have_text("")


def test_reasoning_is_neither_remembered_nor_copied_nor_sent_again(page, world):
    """The memory, *Copy*, the next prompt and the page after a reload have only the answer."""
    world.model.enqueue(Reply("<think>Who is Bob?</think>Hello Bob."), when=asked_to_chat)
    say(page, "hi im bob")
    expect(page.locator("#window .reasoning")).to_have_count(1)
    assert world.memory.remembered(memory_id(page)) == ["hi im bob", "Hello Bob."]
    assert page.locator("#window .message.reply").get_attribute("data-source") == "Hello Bob."
    say(page, "whats my name?")
    sent = [request for request in world.model.requests if asked_to_chat(request)][-1]
    assert [message["content"] for message in sent.messages[1:]] == ["hi im bob", "Hello Bob.", "whats my name?"]
    page.reload()
    expect(window(page)).to_have_count(4)
    expect(page.locator(".reasoning")).to_have_count(0)


def test_reasoning_is_shown_as_plain_text_in_every_tab(page, world):
    """A tab that joins late has all of it, and HTML in it is text."""
    gate = Gate()
    world.model.enqueue(Reply(["<think>", HOSTILE, "</think>", "Hello."], gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "hi")
    late = page.context.new_page()
    expect(live(page).locator(".thoughts")).to_have_text(HOSTILE)
    late.goto(page.url)
    for tab in (page, late):
        tab.locator("#live .reasoning summary").click()
        expect(tab.locator("#live .thoughts")).to_have_text(HOSTILE)
        assert tab.locator("#live .thoughts *").count() == 0
    gate.release()
    for tab in (page, late):
        expect(window(tab)).to_have_text(["hi", "Hello."])


def test_an_answer_without_reasoning_shows_none(page, world):
    """Neither the growing answer nor the remembered one has a place for reasoning."""
    gate = Gate()
    world.model.enqueue(Reply(["Hello ", "Bob."], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "hi im bob")
    expect(live(page).locator(".reply .text")).to_have_text("Hello ")
    expect(live(page).locator(".reasoning")).to_be_hidden()
    gate.release()
    expect(window(page)).to_have_text(["hi im bob", "Hello Bob."])
    expect(page.locator("#window .reasoning")).to_have_count(0)


def test_a_stop_while_the_model_thinks_is_said_to_leave_nothing(page, world):
    """The turn is not remembered, and can be retried."""
    gate = Gate()
    world.model.enqueue(thinking(gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "hi im bob")
    expect(live(page).locator(".reasoning summary")).to_have_text("Thinking…")
    button(page, "Stop").click()
    expect(live(page).locator(".trouble")).to_contain_text("You stopped it before the answer began.")
    expect(live(page).locator(".reasoning")).to_have_count(0)
    assert world.memory.remembered(memory_id(page)) == []
    button(page, "Retry").click()
    expect(window(page)).to_have_count(2)
    gate.release()


def test_the_reasoning_of_a_broken_answer_stays_above_its_text(page, world):
    """What the model thought before it broke off is kept with the text that failed, as long as that is shown."""
    world.model.enqueue(Reply(["<think>Who?</think>", "Hello ", "Bob."], cut_after=2), when=asked_to_chat)
    send(page, "hi im bob")
    expect(live(page).locator(".failed .reply .text")).to_have_text("Hello")
    expect(live(page).locator(".failed .reply .reasoning .thoughts")).to_have_text("Who?")
