"""Answering again: the last message or an edited one, in place of what followed it; and undoing that."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import act, box, button, live, memory_id, notice, say, send, window
from tests.browser.conftest import World, asked_to_chat
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.browser


def field(page: Page):
    """The field in which a message is edited."""
    return page.get_by_label("Edit your message")


def rewrite(page: Page, text: str, by: str) -> None:
    """Edit a message and press Enter."""
    act(page, "Edit", text).click()
    expect(field(page)).to_have_value(text)
    field(page).fill(by)
    page.keyboard.press("Enter")


def folded_by_another(world: World, session: str, through: str) -> None:
    """Fold the session as another client."""
    answer = httpx.post(f"{world.memory.url}/sessions/{session}/fold", json={"through": through}, trust_env=False)
    answer.raise_for_status()


def test_the_last_answer_is_given_again(page, world):
    """The old exchange stays, marked, until the new one is remembered; Undo brings it back, in every tab."""
    say(page, "one")
    say(page, "two")
    other = page.context.new_page()
    other.goto(page.url)
    gate = Gate()
    world.model.enqueue(Reply(["better ", "answer"], gate=gate, gate_at=1), when=asked_to_chat)
    page.bring_to_front()
    act(page, "Regenerate", "You said: two").click()
    for tab in (page, other):
        expect(live(tab).locator(".text")).to_have_text(["two", "better "])
        expect(live(tab)).to_contain_text("being replaced")
        expect(tab.locator("#window .replaced .text")).to_have_text(["two", "You said: two"])
    assert world.memory.remembered(memory_id(page)) == ["one", "You said: one", "two", "You said: two"]
    gate.release()
    for tab in (page, other):
        expect(window(tab)).to_have_text(["one", "You said: one", "two", "better answer"])
        expect(tab.locator(".replaced")).to_have_count(0)
    assert world.memory.remembered(memory_id(page)) == ["one", "You said: one", "two", "better answer"]
    expect(button(other, "Undo")).to_have_count(0)
    button(page, "Undo").click()
    for tab in (page, other):
        expect(window(tab)).to_have_text(["one", "You said: one", "two", "You said: two"])
    expect(button(page, "Undo")).to_have_count(0)
    expect(box(page)).to_be_focused()
    assert world.memory.remembered(memory_id(page)) == ["one", "You said: one", "two", "You said: two"]


def test_an_edited_message_replaces_what_followed_it(page, world):
    """It becomes a field in its place; what follows is paler; the model is not shown the old exchanges."""
    say(page, "one")
    say(page, "two")
    act(page, "Edit", "one").click()
    expect(field(page)).to_be_focused()
    expect(page.locator("#window .replaced .text")).to_have_text(["You said: one", "two", "You said: two"])
    page.keyboard.press("Escape")
    expect(field(page)).to_have_count(0)
    expect(page.locator(".replaced")).to_have_count(0)
    expect(act(page, "Edit", "one")).to_be_focused()
    rewrite(page, "one", "first")
    expect(window(page)).to_have_text(["first", "You said: first"])
    assert world.memory.remembered(memory_id(page)) == ["first", "You said: first"]
    assert "two" not in str(world.model.requests[-1].body)
    button(page, "Undo").click()
    expect(window(page)).to_have_text(["one", "You said: one", "two", "You said: two"])


@pytest.mark.parametrize("touch", [False, True])
@pytest.mark.parametrize("width", [320, 390])
def test_a_message_is_edited_on_a_phone(open_page, width, touch):
    """The buttons of the field stand beside one another, inside it."""
    page = open_page(viewport={"width": width, "height": 700}, has_touch=touch, is_mobile=touch)
    say(page, "one")
    act(page, "Edit", "one").click()
    editor, cancel, sends = (
        page.locator(f".editor{part}").bounding_box() for part in ("", " [data-drop]", " [type=submit]")
    )
    assert cancel["y"] < sends["y"] + sends["height"] / 2 < cancel["y"] + cancel["height"]
    assert sends["x"] + sends["width"] < editor["x"] + editor["width"]


def test_an_edited_message_survives_a_reload(page):
    """The field is open again, with what was written."""
    say(page, "one")
    act(page, "Edit", "one").click()
    field(page).fill("one, in other words")
    page.reload()
    expect(field(page)).to_have_value("one, in other words")
    button(page, "Cancel").click()
    page.reload()
    expect(page.locator("#connection")).to_have_text("")
    expect(field(page)).to_have_count(0)


def test_a_failed_replacement_leaves_the_old_answer(page, world):
    """The sentence says so; Retry replaces it, also after a reload."""
    say(page, "one")
    world.model.enqueue(Reply("Half ", error="The model fell over."), when=asked_to_chat)
    act(page, "Regenerate", "You said: one").click()
    expect(live(page).locator(".trouble")).to_contain_text("The messages above stay as they are.")
    expect(window(page)).to_have_text(["one", "You said: one"])
    expect(page.locator(".replaced")).to_have_count(0)
    expect(box(page)).to_have_value("")
    page.reload()
    expect(live(page).locator(".trouble")).to_contain_text("The messages above stay as they are.")
    expect(box(page)).to_have_value("")
    world.model.enqueue("whole", when=asked_to_chat)
    button(page, "Retry").click()
    expect(window(page)).to_have_text(["one", "whole"])


def test_a_replacement_that_is_stopped_at_once_leaves_the_old_answer(page, world):
    """Without a word there is nothing to remember."""
    say(page, "one")
    gate = Gate()
    world.model.enqueue(Reply("never said", gate=gate), when=asked_to_chat)
    act(page, "Regenerate", "You said: one").click()
    gate.wait_until_reached()
    button(page, "Stop").click()
    expect(live(page).locator(".trouble")).to_contain_text("You stopped it before the answer began.")
    expect(window(page)).to_have_text(["one", "You said: one"])
    assert world.memory.remembered(memory_id(page)) == ["one", "You said: one"]


def test_a_fold_that_comes_first_wins(page, world):
    """The answer cannot replace a folded one: the sentence says what can be done, and it can be added instead."""
    say(page, "one")
    gate = Gate()
    world.model.enqueue(Reply(["better ", "answer"], gate=gate, gate_at=1), when=asked_to_chat)
    act(page, "Regenerate", "You said: one").click()
    expect(live(page).locator(".reply .text")).to_have_text("better ")
    folded_by_another(world, memory_id(page), "2")
    gate.release()
    expect(live(page).locator(".trouble")).to_contain_text("fork the session from here")
    button(page, "Send as a new message").click()
    expect(window(page)).to_have_text(["one", "You said: one"])
    expect(page.locator("#earlier-list .text")).to_have_text(["one", "You said: one"])


def test_what_was_said_since_cannot_be_undone(page, world):
    """The offer ends with the next message; where the page does not know of it yet, a sentence says so."""
    say(page, "one")
    world.model.enqueue("better", when=asked_to_chat)
    act(page, "Regenerate", "You said: one").click()
    expect(button(page, "Undo")).to_be_visible()
    httpx.post(
        f"{world.memory.url}/sessions/{memory_id(page)}/memory",
        json={"messages": [{"role": "Human", "content": "by another"}]},
        trust_env=False,
    ).raise_for_status()
    button(page, "Undo").click()
    expect(notice(page)).to_have_text("Something else was said since, so this can no longer be undone or replaced.")
    assert world.memory.remembered(memory_id(page)) == ["one", "better", "by another"]
    say(page, "two")
    expect(button(page, "Undo")).to_have_count(0)


def test_undo_is_offered_for_a_minute(page, world):
    """Then the tab forgets the old answer."""
    page.clock.install()
    say(page, "one")
    world.model.enqueue("better", when=asked_to_chat)
    act(page, "Regenerate", "You said: one").click()
    expect(button(page, "Undo")).to_be_visible()
    page.clock.fast_forward(59_000)
    expect(button(page, "Undo")).to_be_visible()
    page.clock.fast_forward(60_000)
    expect(button(page, "Undo")).to_have_count(0)


def test_a_worker_that_is_killed_replaces_nothing_twice(page, world):
    """Another takes the turn over, with its place; the socket is cut with the worker."""
    say(page, "one")
    world.model.enqueue(Reply(["half ", "never"], gate=Gate(), gate_at=1), when=asked_to_chat)
    act(page, "Regenerate", "You said: one").click()
    expect(live(page).locator(".reply .text")).to_have_text("half ")
    worker = page.locator("#served").inner_text().split(",")[0].rpartition(":")[2]
    world.model.enqueue("whole", when=asked_to_chat)
    pid = world.site.kill_child(worker)
    expect(window(page)).to_have_text(["one", "whole"], timeout=20_000 * PATIENCE)
    world.site.wait_for_new(worker, pid)
    assert world.memory.remembered(memory_id(page)) == ["one", "whole"]
    button(page, "Undo").click()
    expect(window(page)).to_have_text(["one", "You said: one"])


def test_an_edit_waits_for_the_connection(page, world):
    """It is sent once when the connection is back; until then it can be taken back into its place."""
    say(page, "one")
    killed = world.kill_workers()
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    rewrite(page, "one", "first")
    expect(page.locator("#outbox")).to_contain_text("Waiting for the connection.")
    expect(page.locator("#outbox")).to_contain_text("being replaced")
    page.locator("#outbox").get_by_role("button", name="Edit").click()
    expect(field(page)).to_have_value("first")
    page.keyboard.press("Enter")
    world.wait_for_workers(killed)
    expect(window(page)).to_have_text(["first", "You said: first"])


def test_a_message_that_is_folded_while_it_is_edited_loses_nothing(page, world):
    """What was written moves to the message box, and a sentence says why."""
    say(page, "one")
    say(page, "two")
    act(page, "Edit", "one").click()
    field(page).fill("one, in other words")
    folded_by_another(world, memory_id(page), "2")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(box(page)).to_have_value("one, in other words")
    expect(box(page)).to_be_focused()
    expect(notice(page)).to_contain_text("part of the summary by now")


def test_a_reader_further_up_is_not_moved(page, world):
    """The end of the replacement leaves the messages above where they are."""
    say(page, "one")
    world.model.enqueue(Reply("line\n\n" * 60), when=asked_to_chat)
    say(page, "two")
    gate = Gate()
    world.model.enqueue(Reply(["short ", "answer"], gate=gate, gate_at=1), when=asked_to_chat)
    page.locator("#window .message.reply").last.get_by_role("button", name="Regenerate").click()
    expect(live(page).locator(".reply .text")).to_have_text("short ")
    page.locator("#log").evaluate("log => { log.scrollTop = 0 }")
    first = page.locator("#window .text").first
    before = first.bounding_box()
    gate.release()
    expect(window(page)).to_have_count(4)
    expect(window(page).last).to_have_text("short answer")
    assert first.bounding_box() == before


def test_a_queue_of_edits_is_refused_under_an_answer(page, world):
    """An open field stays open, and says that the session is answering."""
    say(page, "one")
    act(page, "Edit", "one").click()
    gate = Gate()
    world.model.enqueue(Reply(["half ", "an answer"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "two")
    expect(live(page).locator(".reply .text")).to_have_text("half ")
    field(page).press("Enter")
    expect(page.get_by_role("alert").filter(has_text="still answering").first).to_be_visible()
    gate.release()
    expect(window(page)).to_have_count(4)
    expect(field(page)).to_be_visible()
