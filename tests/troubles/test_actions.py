"""Whatever is done when the page is in trouble, it shows in the end what is remembered, without a reload."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.acts import act, box, button, send
from tests.browser.test_session_menu import choose
from tests.support.scripted_openai import Reply
from tests.troubles.troubles import HALF, NASTY, SUMMARY, TYPED, Tab, Trouble, expect_summary, expect_told

pytestmark = pytest.mark.browser


def test_a_message(tab: Tab, trouble: type[Trouble]):
    """Sent in this moment, it is answered once."""
    tab.open("one", NASTY)
    tab.begin(question="two")
    tab.end_answer()
    expect_told(tab, "one", NASTY, "two", NASTY)
    tab.answers[TYPED] = NASTY
    with trouble(tab):
        send(tab.page, TYPED)
    expect_told(tab, "one", NASTY, "two", NASTY, TYPED, NASTY)


def test_an_answer(tab: Tab, trouble: type[Trouble]):
    """It is whole."""
    tab.open("\r\n" + NASTY, NASTY)
    tab.begin()
    with trouble(tab):
        pass
    expect_told(tab, "\r\n" + NASTY, NASTY, TYPED, NASTY)


def test_a_stop(tab: Tab, trouble: type[Trouble]):
    """It is made as soon as the page is connected again, and keeps what was seen."""
    tab.open()
    tab.begin()
    with trouble(tab, unfinished=True) as troubled:
        troubled.wait_for_half()
        button(tab.page, "Stop").click()
    expect(button(tab.page, "Stop")).to_have_count(0)
    expect(tab.page.locator("#window .badge")).to_have_text("stopped")
    expect_told(tab, TYPED, HALF)


def test_a_stop_and_a_message(tab: Tab, trouble: type[Trouble]):
    """The message follows what was seen."""
    tab.open()
    tab.begin(question="one")
    tab.answers[TYPED] = "whole"
    send(tab.page, TYPED)
    with trouble(tab, unfinished=True) as troubled:
        troubled.wait_for_half()
        button(tab.page, "Stop and send").click()
    expect(tab.page.locator("#window .badge")).to_have_text("stopped")
    tab.end_answer()
    expect_told(tab, "one", HALF, TYPED, "whole")


def test_a_message_that_waits(tab: Tab, trouble: type[Trouble]):
    """It is sent when the answer is remembered."""
    tab.open()
    tab.begin(question="one")
    tab.answers[TYPED] = NASTY
    with trouble(tab):
        send(tab.page, TYPED)
    expect_told(tab, "one", NASTY, TYPED, NASTY)


def test_another_answer(tab: Tab, trouble: type[Trouble]):
    """It replaces the old one when it is whole, and the old one can be had back."""
    tab.open("one", NASTY, "two", "old " + NASTY)
    regenerate = tab.page.locator("#window .message").last.get_by_role("button", name="Regenerate")
    tab.begin(regenerate.click, "two")
    with trouble(tab):
        pass
    expect_told(tab, "one", NASTY, "two", NASTY)
    with trouble(tab):
        button(tab.page, "Undo").click()
    expect_told(tab, "one", NASTY, "two", "old " + NASTY)


def test_an_edited_message(tab: Tab, trouble: type[Trouble]):
    """It replaces what followed."""
    tab.open("one", NASTY, "two", NASTY)

    def edit() -> None:
        act(tab.page, "Edit", "one").click()
        tab.page.get_by_label("Edit your message").fill(TYPED)
        tab.page.keyboard.press("Enter")

    tab.begin(edit)
    with trouble(tab):
        pass
    expect_told(tab, TYPED, NASTY)


def test_a_retry(tab: Tab, trouble: type[Trouble]):
    """It answers the same message."""
    tab.open("one", NASTY)
    tab.model.enqueue(Reply("Half ", error="The model fell over."))
    send(tab.page, TYPED)
    expect(button(tab.page, "Retry")).to_be_visible()
    tab.answers[TYPED] = NASTY
    with trouble(tab):
        button(tab.page, "Retry").click()
    expect_told(tab, "one", NASTY, TYPED, NASTY)


def test_a_fork(tab: Tab, trouble: type[Trouble]):
    """The page moves on to the new session."""
    tab.open("one", NASTY, "two", NASTY)
    tab.begin(question="three")
    with trouble(tab):
        act(tab.page, "Fork", "one").click()
    expect_told(tab, "one")


def test_a_fold(tab: Tab, trouble: type[Trouble]):
    """The summary appears, and what was folded stays on the page; so does what is restored."""
    tab.open("one", NASTY, "two", NASTY)
    tab.begin()
    with trouble(tab):
        act(tab.page, "Fold up to here", "two").click()
    expect_summary(tab, SUMMARY)
    expect_told(tab, "one", NASTY, "two", NASTY, TYPED, NASTY)
    expect(tab.page.locator("#earlier-list .message")).to_have_count(3)


def test_the_summary(tab: Tab, trouble: type[Trouble]):
    """What was written is saved, and an earlier version is restored."""
    tab.open("one", NASTY, summary="Bob sails.")
    expect_summary(tab, "Bob sails.")
    tab.begin()
    tab.page.locator("#edit-summary").click()
    tab.page.get_by_label("Summary", exact=True).fill(SUMMARY)
    with trouble(tab):
        tab.page.keyboard.press("Control+Enter")
    expect_summary(tab, SUMMARY)
    button(tab.page, "Versions").click()
    button(tab.page, "Restore version 1").click()
    with trouble(tab):
        tab.page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect_summary(tab, "Bob sails.")
    expect(tab.page.locator("#version-3")).to_contain_text("Restored")
    expect_told(tab, "one", NASTY, TYPED, NASTY)


def test_details(tab: Tab, trouble: type[Trouble]):
    """Instructions, a title, a pin and labels are on the page and in the file that is downloaded."""
    page = tab.page
    tab.open("one", NASTY)
    tab.begin()
    with trouble(tab):
        button(page, "Instructions").click()
        page.get_by_label("Instructions for the summary").fill(SUMMARY)
        page.locator("#pane").get_by_role("button", name="Save").click()
        choose(page, "one", "Rename")
        page.keyboard.insert_text("A title")
        page.keyboard.press("Enter")
        choose(page, "A title", "Pin")
        expect(page.locator("#sessions li[data-pinned]")).to_have_count(1)
        choose(page, "A title", "Labels")
        page.keyboard.insert_text("שלום 🎸")
        page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text("A title")
    expect(page.locator("#sessions .label")).to_have_text("שלום 🎸")
    expect(page.locator("#instructions-state")).to_contain_text("Saved")
    expect_told(tab, "one", NASTY, TYPED, NASTY)
    (exported,) = page.request.get(f"{page.url}/export?format=json").json()["sessions"]
    assert (exported["title"], exported["labels"], exported["instructions"]) == ("A title", ["שלום 🎸"], SUMMARY)
    assert [message["text"] for message in exported["messages"]] == ["one", NASTY, TYPED, NASTY]


def test_a_link(tab: Tab, trouble: type[Trouble]):
    """It is made, and then revoked."""
    tab.open("one", NASTY)
    tab.begin()
    choose(tab.page, "one", "Share")
    with trouble(tab):
        button(tab.page, "Create a link").click()
        address = tab.page.locator("#share-address").inner_text()
        assert tab.page.request.get(address).ok
        button(tab.page, "Revoke").click()
    expect(tab.page.locator("#share")).to_contain_text("There is no link to this session.")
    assert tab.page.request.get(address).status == 404
    tab.page.keyboard.press("Escape")
    expect_told(tab, "one", NASTY, TYPED, NASTY)


def test_a_deletion(tab: Tab, trouble: type[Trouble]):
    """It is undone, with an answer under way; then it is made."""
    tab.open("one", NASTY)
    tab.begin()
    with trouble(tab):
        button(tab.page, "Delete one").click()
        button(tab.page, "Undo").click()
    expect_told(tab, "one", NASTY, TYPED, NASTY)
    with trouble(tab):
        button(tab.page, "Delete one").click()
        button(tab.page, "Erase now").click()
    expect(tab.page.locator("#sessions")).to_have_text("No sessions yet.")
    expect_told(tab)


def test_an_import(tab: Tab, trouble: type[Trouble]):
    """The session is in the list, and can be opened while the other one answers."""
    said = [{"id": "1", "role": "Human", "text": NASTY}, {"id": "2", "role": "AI", "text": NASTY}]
    sessions = [{"title": "From afar", "messages": said}]
    file = json.dumps({"format": "motorhead-chat", "version": 1, "sessions": sessions}).encode()
    tab.open("one", NASTY)
    tab.begin()
    button(tab.page, "Import sessions").click()
    with trouble(tab):
        tab.page.locator("#import-files").set_input_files({"name": "a.json", "mimeType": "text/json", "buffer": file})
    expect(tab.page.locator("#import-report")).to_contain_text("Imported: 1 session")
    tab.page.keyboard.press("Escape")
    expect_told(tab, "one", NASTY, TYPED, NASTY)
    tab.page.get_by_role("link", name="From afar").click()
    expect_told(tab, NASTY, NASTY)


def test_looking(tab: Tab, trouble: type[Trouble]):
    """What is found, what the model saw and what is being written stay on the page."""
    page = tab.page
    tab.open("one", NASTY)
    tab.begin()
    with trouble(tab):
        page.get_by_label("Search your messages").fill("one")
        page.locator("#prompt").get_by_role("button", name="What the model saw").click()
        expect(page.locator("#seen .sent-parts .plain").last).to_have_text(TYPED, use_inner_text=False)
        button(page, "Close").last.click()
        box(page).fill(TYPED)
        page.keyboard.press("Control+k")
        page.locator("#palette-text").fill("one")
    expect(page.locator("#palette").get_by_role("option").first).to_be_visible()
    expect(page.locator("#palette-text")).to_have_value("one")
    page.keyboard.press("Escape")
    expect(page.locator("#found mark").first).to_have_text("one")
    expect(box(page)).to_have_value(TYPED)
    box(page).fill("")
    expect_told(tab, "one", NASTY, TYPED, NASTY)
