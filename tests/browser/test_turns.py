"""A turn as the user sees it: streamed, stopped, failed and retried, in two tabs and after a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import box, button, live, memory_id, notice, outbox, say, send, window
from tests.browser.conftest import asked_to_chat
from tests.browser.pretend_server import PretendServer
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.browser


def test_a_reply_streams_in_and_the_page_is_not_loaded_again(page, world):
    """The first words are shown before the model has finished; at the end, window and page agree."""
    gate = Gate()
    world.model.enqueue(Reply(["Hello ", "**Bob**."], gate=gate, gate_at=1), when=asked_to_chat)
    page.evaluate("window.sameDocument = true")
    send(page, "hi im bob")
    expect(live(page).locator(".human .text")).to_have_text("hi im bob")
    expect(live(page).locator(".reply .text")).to_have_text("Hello ")
    expect(box(page)).to_have_value("")
    gate.release()
    expect(window(page)).to_have_text(["hi im bob", "Hello Bob."])
    expect(page.locator("#window .message strong")).to_have_text("Bob")
    expect(live(page)).to_have_text("")
    assert page.evaluate("window.sameDocument")


def test_whole_paragraphs_are_formatted_while_the_reply_grows(page, world):
    """A finished block is rendered as Markdown at once; an unfinished one is plain text."""
    gate = Gate()
    world.model.enqueue(Reply(["- one\n- two\n\n", "and **th", "ree**"], gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "count")
    expect(live(page).locator(".blocks li")).to_have_text(["one", "two"])
    expect(live(page).locator(".tail")).to_have_text("and **th")
    gate.release()
    expect(page.locator("#window .message strong")).to_have_text("three")


def test_the_panel_names_the_worker_and_process_of_the_last_turn(page, world):
    """They are shown on the right."""
    say(page, "hello")
    worker, pid = page.locator("#served").inner_text().split(", process ")
    assert world.site.pids()[worker.rpartition(":")[2]] == int(pid)


def test_the_session_gets_its_title_from_the_first_words(page):
    """After the first turn, its first words are its title in the list and above the messages."""
    say(page, "hi im bob")
    expect(page.locator("#title")).to_have_text("hi im bob")
    expect(page.locator("#sessions [aria-current=page]")).to_have_text("hi im bob")


def test_stop_keeps_what_was_seen(page, world):
    """The text so far stays, is marked as stopped, and is remembered."""
    world.model.enqueue(Reply(["So far ", "and never on"], gate=Gate(), gate_at=1), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("So far ")
    button(page, "Stop").click()
    expect(window(page)).to_have_text(["talk", "So far"])
    expect(page.locator("#window .badge")).to_have_text("stopped")
    expect(button(page, "Stop")).to_have_count(0)
    assert world.memory.remembered(memory_id(page))[-1].startswith("So far")


def test_a_message_right_behind_a_stop_is_answered(page, world):
    """Escape and Enter in one go: the message follows the stopped answer, and the box is emptied."""
    world.model.enqueue(Reply("so far and no further", gate=Gate(), gate_at=2), when=asked_to_chat)
    send(page, "go on")
    expect(live(page).locator(".reply .text")).to_have_text("so far")
    box(page).fill("next")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(window(page)).to_have_text(["go on", "so far", "next", "You said: next"])
    expect(box(page)).to_have_value("")
    expect(notice(page)).to_have_text("")


def test_escape_stops(page, world):
    """Escape works like the stop button."""
    world.model.enqueue(Reply(["So far ", "and never on"], gate=Gate(), gate_at=1), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("So far ")
    page.keyboard.press("Escape")
    expect(page.locator("#window .badge")).to_have_text("stopped")


def test_a_turn_stopped_before_its_first_word_leaves_nothing(page, world):
    """Nothing is remembered, the page says so, and the message can be sent again."""
    gate = Gate()
    world.model.enqueue(Reply("never said", gate=gate), when=asked_to_chat)
    send(page, "talk")
    gate.wait_until_reached()
    button(page, "Stop").click()
    expect(live(page).locator(".trouble")).to_contain_text("You stopped it before the answer began.")
    button(page, "Retry").click()
    expect(window(page)).to_have_text(["talk", "You said: talk"])


def test_a_partial_answer_stays_until_the_retry(page, world):
    """Partial text, the reason and Retry are shown; Retry answers the same message, and only that is remembered."""
    world.model.enqueue(Reply(["Half an ", "answer"], error="The model fell over."), when=asked_to_chat)
    send(page, "hi im bob")
    expect(live(page).locator(".reply .text")).to_have_text("Half an answer")
    expect(live(page).locator(".trouble")).to_contain_text("This turn was not remembered.")
    assert world.memory.remembered(memory_id(page)) == []
    button(page, "Retry").click()
    expect(window(page)).to_have_text(["hi im bob", "You said: hi im bob"])
    expect(live(page)).to_have_text("")


def test_an_answer_that_the_model_cut_short_says_so_until_the_next_step(page, world):
    """It is remembered as it is; the sentence survives a reload, and goes with the next message."""
    world.model.enqueue(Reply("As far as this", finish_reason="length"), when=asked_to_chat)
    sentence = "The model's answer is cut short: it reached the length limit."
    send(page, "tell me all")
    expect(window(page)).to_have_text(["tell me all", "As far as this"])
    expect(notice(page)).to_have_text(sentence)
    page.reload()
    expect(window(page)).to_have_text(["tell me all", "As far as this"])
    expect(notice(page)).to_have_text(sentence)
    send(page, "go on")
    expect(window(page)).to_have_count(4)
    expect(notice(page)).to_have_text("")


def test_a_reload_in_the_middle_of_an_answer_shows_all_of_it(page, world):
    """The answer goes on without the page, and is shown once when the page is back."""
    gate = Gate()
    world.model.enqueue(Reply(["first ", "second ", "third"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "count")
    expect(live(page).locator(".reply .text")).to_have_text("first ")
    page.reload()
    expect(live(page).locator(".reply .text")).to_have_text("first ")
    gate.release()
    expect(window(page)).to_have_text(["count", "first second third"])
    expect(box(page)).to_have_value("")


def test_the_box_is_emptied_whatever_the_order_of_facts(page):
    """For a turn sent again after its end, the page may learn that it has ended before learning that it was taken."""
    with PretendServer(page) as server:
        send(page, "hi im bob")
        turn = server.turn_of("hi im bob")
        expect(box(page)).to_have_value("")
        server.tell(accepted=turn, ended=turn)
        expect(box(page)).to_have_value("hi im bob")
        server.tell(taken=turn, ended=turn)
        expect(box(page)).to_have_value("")


def test_a_failed_turn_is_still_there_after_a_reload(page, world):
    """For a few minutes, a reload shows why there is no answer, and offers a retry."""
    world.model.enqueue(Reply("Half ", error="The model fell over."), when=asked_to_chat)
    send(page, "hi")
    expect(button(page, "Retry")).to_be_visible()
    page.reload()
    expect(live(page).locator(".reply .text")).to_have_text("Half")
    button(page, "Retry").click()
    expect(window(page)).to_have_text(["hi", "You said: hi"])


def test_two_tabs_show_the_same(page, world):
    """Both see the answer grow, and a message that the other tab sends meanwhile follows it."""
    other = page.context.new_page()
    say(page, "hello")
    other.goto(page.url)
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "count")
    for tab in (page, other):
        expect(live(tab).locator(".text")).to_have_text(["count", "one "])
    send(other, "me too")
    expect(other.locator("#queue")).to_contain_text("me too")
    gate.release()
    for tab in (page, other):
        expect(window(tab)).to_have_text(["hello", "You said: hello", "count", "one two", "me too", "You said: me too"])
        expect(live(tab)).to_have_text("")
        expect(notice(tab)).to_have_text("")
    expect(other.locator("#queue")).to_have_text("")


def test_the_same_words_are_another_message_once_they_were_taken(page, world):
    """During the answer, the same words wait; afterwards they are answered."""
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "again")
    expect(live(page).locator(".text")).to_have_text(["again", "one "])
    send(page, "again")
    expect(page.locator("#queue")).to_contain_text("again")
    gate.release()
    expect(window(page)).to_have_text(["again", "one two", "again", "You said: again"])
    expect(box(page)).to_have_value("")


def test_stop_without_a_connection_waits_for_it(page, world):
    """The sentence does not mention a message, as none was written; what was seen is kept."""
    world.model.enqueue(*(Reply(["So far ", "and on"], gate=Gate(), gate_at=1) for _ in range(2)), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("So far ")
    killed = world.kill_workers()
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    button(page, "Stop").click()
    expect(notice(page)).to_have_text("There is no connection. The answer is stopped when the connection is back.")
    world.wait_for_workers(killed)
    expect(button(page, "Stop")).to_have_count(0, timeout=20_000 * PATIENCE)
    expect(notice(page)).to_have_text("")
    expect(page.locator(":is(#window, #live) .human .text")).to_have_text("talk")


def test_a_killed_worker_is_a_pause_and_no_loss(page, world):
    """When the answering worker dies, the page finds another, and the answer is complete and shown once."""
    gate = Gate()
    world.model.enqueue(Reply(["half ", "never"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "hi")
    expect(live(page).locator(".reply .text")).to_have_text("half ")
    worker = page.locator("#served").inner_text().split(",")[0].rpartition(":")[2]
    pid = world.site.kill_child(worker)
    expect(window(page)).to_have_text(["hi", "You said: hi"], timeout=20_000 * PATIENCE)
    world.site.wait_for_new(worker, pid)
    assert world.memory.remembered(memory_id(page)) == ["hi", "You said: hi"]


def test_a_message_waits_for_the_connection(page, world):
    """A message sent while no worker is up is shown as waiting, and is sent once when one is back."""
    say(page, "hello")
    killed = world.kill_workers()
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    send(page, "are you there?")
    expect(notice(page)).to_contain_text("will be sent when the connection is back")
    expect(box(page)).to_have_value("")
    expect(outbox(page)).to_contain_text("are you there?")
    expect(outbox(page)).to_contain_text("Waiting for the connection.")
    world.wait_for_workers(killed)
    expect(window(page)).to_have_text(["hello", "You said: hello", "are you there?", "You said: are you there?"])
    expect(page.locator("#connection")).to_have_text("")
    expect(notice(page)).to_have_text("")
    expect(outbox(page)).to_have_text("")


def test_what_is_written_without_a_connection_is_not_sent_automatically(page, world):
    """Only what was there at Enter is sent when the connection is back; a user who goes on writing has not finished."""
    say(page, "hello")
    killed = world.kill_workers()
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    send(page, "are you there?")
    box(page).fill("or shall I")
    world.wait_for_workers(killed)
    expect(window(page)).to_have_text(["hello", "You said: hello", "are you there?", "You said: are you there?"])
    expect(box(page)).to_have_value("or shall I")
    box(page).press("Enter")
    expect(window(page)).to_have_count(6)


def test_bad_messages_are_refused_with_a_sentence_and_kept(page):
    """Empty and overlong messages are not sent, and stay in the box."""
    send(page, "   ")
    expect(notice(page)).to_contain_text("The message is empty.")
    box(page).fill("hi")
    expect(notice(page)).to_have_text("")
    long = "x" * 16_001
    send(page, long)
    expect(notice(page)).to_contain_text("16,001 characters; at most 16,000")
    expect(box(page)).to_have_value(long)


def test_a_draft_survives_a_reload(page):
    """Unsent text is still in the box."""
    box(page).fill("half a thought")
    page.reload()
    expect(box(page)).to_have_value("half a thought")
