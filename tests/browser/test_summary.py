"""What a person does to the summary from the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import button, say
from tests.browser.conftest import WINDOW, asked_to_summarise

pytestmark = pytest.mark.browser


def test_messages_are_folded_on_demand_up_to_one_of_them(page, world):
    """They stay visible above the fold mark, also in another tab."""
    world.model.enqueue("The user counts.", when=lambda request: asked_to_summarise(request, "message 0"))
    for number in range(2):
        say(page, f"message {number}")
    other = page.context.new_page()
    other.goto(page.url)
    page.bring_to_front()
    reply = page.locator("#window .message").nth(1)
    reply.hover()
    reply.get_by_role("button", name="Fold up to here").click()
    for tab in (page, other):
        expect(tab.locator("#memory .summary")).to_have_text("The user counts.")
        expect(tab.locator("#memory")).to_contain_text(f"2 of {WINDOW} messages")


def test_a_verb_that_is_not_possible_says_why(page):
    """Its button is grey, and a click shows the reason beside it."""
    expect(button(page, "Fold now")).to_have_attribute("aria-disabled", "true")
    button(page, "Fold now").click(force=True)
    expect(page.locator("#memory-notice")).to_contain_text("Nothing is remembered of this session yet.")
    say(page, "hi")
    button(page, "Fold now").click(force=True)
    expect(page.locator("#memory-notice")).to_contain_text("at most half full")
    page.keyboard.press("Control+K")
    expect(page.get_by_role("option", name="Fold now")).to_contain_text("at most half full")
    page.get_by_role("option", name="Versions of the summary").click()
    expect(page.locator("#pane")).to_contain_text("Nothing has been summarised yet.")
    expect(button(page, "Versions")).to_have_attribute("aria-expanded", "true")
    expect(button(page, "Versions")).to_be_focused()


def test_the_palette_leads_to_what_it_opens(page):
    """The focus is at the button above the pane; what is open already stays open."""
    say(page, "hi")
    for _ in range(2):
        page.keyboard.press("Control+K")
        page.get_by_role("option", name="Instructions for the summary").click()
        expect(page.get_by_label("Instructions for the summary")).to_be_visible()
        expect(button(page, "Instructions")).to_be_focused()


def fold_two(page, world) -> None:
    """Fold the first of two exchanges."""
    world.model.enqueue("Bob lives in Oslo.", when=lambda request: asked_to_summarise(request, "message 0"))
    for number in range(2):
        say(page, f"message {number}")
    reply = page.locator("#window .message").nth(1)
    reply.hover()
    reply.get_by_role("button", name="Fold up to here").click()
    expect(page.locator("#memory .summary")).to_have_text("Bob lives in Oslo.")


def test_the_summary_is_edited_in_its_place(page, world):
    """The focus goes into the field and back to the button; another tab marks what has changed."""
    fold_two(page, world)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#memory .summary")).to_have_text("Bob lives in Oslo.")
    page.bring_to_front()
    page.locator("#edit-summary").click()
    field = page.get_by_label("Summary", exact=True)
    expect(field).to_be_focused()
    field.fill("Bob lives in Bergen.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#memory .summary")).to_have_text("Bob lives in Bergen.")
    expect(page.locator("#edit-summary")).to_be_focused()
    expect(other.locator("#memory .summary ins")).to_have_text("Bergen.")
    expect(other.locator("#memory .summary del")).to_have_text("Oslo.")


def test_an_open_editor_survives_a_fold_and_a_reload(page, world):
    """Nothing typed is lost or overwrites what it has not seen; Escape shows the newest summary."""
    fold_two(page, world)
    page.locator("#edit-summary").click()
    field = page.get_by_label("Summary", exact=True)
    field.fill("Bob sails.")
    world.model.enqueue("Bob counts.", when=lambda request: asked_to_summarise(request, "message 1"))
    reply = page.locator("#window .message").nth(1)
    reply.hover()
    reply.get_by_role("button", name="Fold up to here").click()
    expect(page.locator("#memory")).to_contain_text(f"0 of {WINDOW} messages")
    expect(field).to_have_value("Bob sails.")
    page.reload()
    page.locator("#edit-summary").click()
    expect(field).to_have_value("Bob sails.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#summary-conflict")).to_contain_text("Bob counts. sails.")
    expect(page.locator("#memory-notice")).to_contain_text("changed since you began")
    expect(page.locator("#memory-notice")).to_be_in_viewport(ratio=1)
    assert page.locator("#memory-notice").bounding_box()["y"] < field.bounding_box()["y"]
    expect(field).to_have_value("Bob sails.")
    field.press("Escape")
    expect(page.locator("#memory .summary")).to_have_text("Bob counts.")
    expect(page.locator("#edit-summary")).to_be_focused()


def test_a_version_lights_up_its_messages_and_is_restored(page, world):
    """By keyboard as by mouse; the list is renewed in every tab, and what is open in it stays open."""
    fold_two(page, world)
    world.model.enqueue("Bob counts.", when=lambda request: asked_to_summarise(request, "message 1"))
    reply = page.locator("#window .message").nth(1)
    reply.hover()
    reply.get_by_role("button", name="Fold up to here").click()
    expect(page.locator("#memory .summary ins")).to_have_text("counts.")
    button(page, "Versions").click()
    page.locator("#version-1").hover()
    expect(page.locator(".message.lit .text")).to_have_text(["message 0", "You said: message 0"])
    page.locator("#version-2 summary").focus()
    page.locator("#title").hover()
    expect(page.locator(".message.lit .text")).to_have_text(["message 1", "You said: message 1"])
    expect(page.locator("#fold-mark")).to_have_class("fold-mark lit")
    page.keyboard.press("Enter")
    expect(page.locator("#version-2 ins")).to_have_text("counts.")
    button(page, "Restore version 1").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 folded messages return to the window.")
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.locator("#version-3")).to_contain_text("Restored")
    expect(page.locator("#version-2 ins")).to_have_text("counts.")
    expect(page.locator("#window .message .text")).to_have_text(["message 1", "You said: message 1"])
    expect(page.locator("#memory .summary")).to_contain_text("Bob lives in Oslo.")


def test_instructions_that_were_typed_are_not_lost(page, world):
    """Neither by a refusal, nor by looking at the versions; saved ones reach the model that summarises."""
    say(page, "message 0")
    button(page, "Instructions").click()
    field = page.get_by_label("Instructions for the summary")
    field.fill("x" * 2_001)
    page.locator("#pane").get_by_role("button", name="Save").click()
    expect(page.locator("#memory-notice")).to_contain_text("at most 2,000 are allowed")
    expect(field).to_have_value("x" * 2_001)
    field.fill("Answer in <b>Spanish</b>.")
    button(page, "Versions").click()
    expect(page.locator("#pane")).to_contain_text("Nothing has been summarised yet.")
    button(page, "Instructions").click()
    expect(field).to_have_value("Answer in <b>Spanish</b>.")
    page.locator("#pane").get_by_role("button", name="Save").click()
    expect(page.locator("#instructions-state")).to_have_text("Saved. The next fold follows them.")
    reply = page.locator("#window .message").nth(1)
    reply.hover()
    reply.get_by_role("button", name="Fold up to here").click()
    expect(page.locator("#memory .summary")).to_be_visible()
    summarised = [request for request in world.model.requests if asked_to_summarise(request, "message 0")]
    assert "Answer in <b>Spanish</b>." in str(summarised[-1].messages)


def test_the_marks_of_a_change_go_after_a_while(page, world):
    """They are counted only while they are in view; then the text stands alone."""
    page.clock.install()
    page.reload()
    fold_two(page, world)
    world.model.enqueue("Bob lives in Bergen.", when=lambda request: asked_to_summarise(request, "message 1"))
    reply = page.locator("#window .message").nth(1)
    reply.hover()
    reply.get_by_role("button", name="Fold up to here").click()
    expect(page.locator("#memory .summary del")).to_have_text("Oslo.")
    page.clock.run_for(10_000)
    expect(page.locator("#memory .summary ins")).to_have_text("Bergen.")
    page.clock.run_for(15_000)
    expect(page.locator("#memory .summary")).to_have_text("Bob lives in Bergen.")
    expect(page.locator("#memory .summary :is(ins, del)")).to_have_count(0)


def test_instructions_are_saved_by_keyboard(page):
    """By the same keys as the summary, which a line below the field names."""
    say(page, "message 0")
    button(page, "Instructions").click()
    field = page.get_by_label("Instructions for the summary")
    expect(field).to_have_accessible_description(re.compile("Ctrl\\+Enter saves"))
    field.fill("Be brief.")
    field.press("Control+Enter")
    expect(page.locator("#instructions-state")).to_contain_text("Saved")


def test_instructions_are_the_same_in_every_tab(page):
    """What was saved in one is shown in the other at once."""
    say(page, "message 0")
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (other, page):
        tab.bring_to_front()
        button(tab, "Instructions").click()
        expect(tab.get_by_label("Instructions for the summary")).to_be_visible()
    page.get_by_label("Instructions for the summary").fill("Be brief.")
    page.locator("#pane").get_by_role("button", name="Save").click()
    expect(page.locator("#instructions-state")).to_contain_text("Saved")
    expect(other.get_by_label("Instructions for the summary")).to_have_value("Be brief.")
