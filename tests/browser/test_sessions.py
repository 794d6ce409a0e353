"""The summary next to the chat, the folded messages, and the list of sessions."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.acts import button, erase, memory_id, say, window
from tests.browser.conftest import WINDOW, asked_to_chat, asked_to_summarise
from tests.support.servers import PATIENCE, clean_environment

pytestmark = pytest.mark.browser


def fold(page, world, summary: str = "The user counts.") -> None:
    """Send messages until the window is folded."""
    world.model.enqueue(summary, when=lambda request: asked_to_summarise(request, "message 0"))
    for number in range(WINDOW // 2 + 1):
        say(page, f"message {number}")
    expect(page.locator("#memory .summary")).to_have_text(summary)


def test_the_summary_appears_beside_the_chat_when_the_window_is_folded(page, world):
    """Its text, the window's size and the cost appear without a reload; folded messages stay visible above."""
    fold(page, world)
    kept = WINDOW // 2 + 1  # half of the window is odd, and no answer is parted from its question
    folded = 2 * (WINDOW // 2 + 1) - kept
    expect(page.locator("#memory")).to_contain_text(f"{kept} of {WINDOW} messages")
    expect(page.locator("#memory")).to_contain_text(f"{folded} messages, last")
    expect(page.locator("#memory")).not_to_contain_text("0 tokens")
    expect(page.locator("#earlier-list .message")).to_have_count(folded)
    expect(page.locator("#earlier-list .message .text").first).to_have_text("message 0")
    expect(page.get_by_text("Above: folded into the summary")).to_be_visible()


def test_folded_messages_can_be_shown_again(page, world):
    """After a reload, a button shows all folded messages in order."""
    fold(page, world)
    page.reload()
    expect(page.locator("#earlier-list .message")).to_have_count(0)
    button(page, "Show earlier messages").click()
    expect(page.locator("#earlier-list .message .text").first).to_have_text("message 0")
    everything = page.locator(".message.human .text")
    expect(everything).to_have_text([f"message {n}" for n in range(WINDOW // 2 + 1)])
    expect(button(page, "Show earlier messages")).to_have_count(0)


def test_the_prompt_holds_the_summary_and_the_panel_says_so(page, world):
    """What was sent to the model is shown on the right."""
    fold(page, world)
    say(page, "whats my name?")
    expect(page.locator("#prompt")).to_contain_text("the summary and")


def test_sessions_are_opened_without_a_page_load(page):
    """New session and the list swap the session in place; the address, the title and the list are updated."""
    page.evaluate("window.sameDocument = true")
    say(page, "first session")
    first = page.url
    page.get_by_role("link", name="New session").click()
    expect(page.locator("#title")).to_have_text("New session")
    expect(window(page)).to_have_count(0)
    assert page.url != first
    say(page, "second session")
    page.get_by_role("link", name="first session").click()
    expect(window(page)).to_have_text(["first session", "You said: first session"])
    expect(page.locator("#sessions [aria-current=page]")).to_have_text("first session")
    assert page.url == first
    page.go_back()
    expect(window(page)).to_have_text(["second session", "You said: second session"])
    assert page.evaluate("window.sameDocument")


def test_the_session_that_was_asked_for_last_is_shown(page):
    """Although the answer for the one before it comes later."""
    say(page, "first session")
    address, held = page.url, []

    def hold(route):
        held.append(route)  # Playwright requires a plain function as a handler

    page.route(page.evaluate("`${location.origin}/`"), hold)
    with page.expect_request("**/"):
        page.get_by_role("link", name="New session").click()
    with page.expect_response("**/s/*"):
        page.get_by_role("link", name="first session").click()
    with page.expect_response("**/") as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    expect(window(page)).to_have_text(["first session", "You said: first session"])
    assert page.url == address


def test_a_deleted_session_is_gone_everywhere(page, world):
    """The page moves to a new session, another tab is emptied, and the list and the memory no longer have it."""
    say(page, "forget me")
    forgotten = memory_id(page)
    other = page.context.new_page()
    other.goto(page.url)
    expect(window(other)).to_have_count(2)
    page.bring_to_front()
    erase(page, "forget me")
    expect(page.locator("#title")).to_have_text("New session")
    expect(page.locator("#sessions")).to_have_text("No sessions yet.")
    expect(window(other)).to_have_count(0)
    assert world.memory.remembered(forgotten) == []
    expect(page.locator("#session")).not_to_have_attribute("data-session", forgotten)


def test_a_session_is_deleted_from_the_list_while_another_is_open(page):
    """The open session stays unchanged."""
    say(page, "forget me")
    page.get_by_role("link", name="New session").click()
    expect(window(page)).to_have_count(0)  # the title may be that of the first session, which has none yet
    say(page, "keep me")
    erase(page, "forget me")
    expect(page.locator("#sessions a")).to_have_text(["keep me"])
    expect(window(page)).to_have_text(["keep me", "You said: keep me"])


def test_the_page_offers_the_session_to_langchain(page, world, tmp_path):
    """The page shows the memory id and Python code; copied into a file, the code loads the session's messages."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(page, "hi im bob")
    page.get_by_text("Use this session from LangChain").click()
    page.get_by_role("button", name="Copy the lines").click()
    expect(button(page, "Copied")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()")
    assert f"MotorheadMemory(session_id='{memory_id(page)}', url='{world.memory.url}')" in lines
    program = tmp_path / "program.py"
    program.write_text(lines)
    done = subprocess.run(
        [sys.executable, str(program)],
        check=False, env=clean_environment(), capture_output=True, text=True, timeout=60 * PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["Human: hi im bob", "AI: You said: hi im bob"]


def test_the_page_offers_the_stand_in_only_if_it_answers(page):
    """This site has a model of its own, so there is no line for the stand-in."""
    page.get_by_text("Use this session from LangChain").click()
    expect(button(page, "Copy the lines")).to_be_visible()
    expect(button(page, "Copy the line")).to_have_count(0)


def test_a_reply_is_copied_as_it_was_written(page, world):
    """Copy gives the Markdown source, with the ends of its lines."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    world.model.enqueue("It is\r\n**bold**.", when=asked_to_chat)
    say(page, "hi")
    page.locator("#window .reply").get_by_role("button", name="Copy").click()
    expect(page.locator("#window .reply").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "It is\r\n**bold**."
