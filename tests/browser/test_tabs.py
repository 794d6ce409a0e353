"""Several tabs of one visitor: changes in one appear in the others."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from chat.page.fragments import SESSIONS_A_PAGE
from tests.browser.acts import button, erase, memory_id, notice, outage, say, turn_to, window
from tests.browser.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture
def other(page: Page) -> Page:
    """A second tab with its own session."""
    tab = page.context.new_page()
    tab.goto("/")
    expect(tab.locator("#connection")).to_have_text("")
    return tab


def remember(world: World, session: str, text: str, namespace: str | None = None) -> None:
    """Append a message directly to the memory server."""
    httpx.post(
        f"{world.memory.url}/sessions/{session}/memory",
        params={"namespace": namespace} if namespace else {},
        json={"messages": [{"role": "Human", "content": text}]},
        trust_env=False,
    ).raise_for_status()


def test_the_tab_is_called_after_the_session(page):
    """Its title is set with the first message, and again when another session is opened."""
    expect(page).to_have_title("New session · Motörhead Chat")
    say(page, "hi im bob")
    expect(page).to_have_title("hi im bob · Motörhead Chat")
    page.get_by_role("link", name="New session").click()
    expect(page).to_have_title("New session · Motörhead Chat")


def test_a_session_that_is_deleted_elsewhere_is_gone_from_every_tab(page, other):
    """Messages, titles and list entry disappear, and a sentence says why, so that it does not look like forgetting."""
    say(page, "forget me")
    other.goto(page.url)
    expect(window(other)).to_have_count(2)
    expect(other.locator("#sessions")).to_have_text(re.compile("forget me"))
    page.bring_to_front()
    erase(page, "forget me")
    expect(notice(other)).to_have_text("This session was deleted. What you write now starts it again.")
    expect(window(other)).to_have_count(0)
    expect(other.locator("#title")).to_have_text("New session")
    expect(other).to_have_title("New session · Motörhead Chat")
    expect(other.locator("#sessions")).to_have_text("No sessions yet.")
    expect(page.locator("#sessions")).to_have_text("No sessions yet.")
    expect(notice(page)).to_have_text("")
    say(other, "anew")
    expect(notice(other)).to_have_text("")
    expect(other.locator("#title")).to_have_text("anew")


def test_a_session_that_is_begun_elsewhere_is_in_the_list(page, other):
    """It appears on returning to the tab, by focus or by pointer; a deleted one disappears."""
    say(other, "begun elsewhere")
    turn_to(page)
    expect(page.locator("#sessions a")).to_have_text(["begun elsewhere"])
    erase(other, "begun elsewhere")
    expect(other.locator("#sessions")).to_have_text("No sessions yet.")
    page.mouse.move(5, 5)
    expect(page.locator("#sessions")).to_have_text("No sessions yet.")


def test_messages_from_langchain_appear_on_returning_to_the_page(page, world):
    """The page is not notified of them, so it looks."""
    say(page, "hello")
    remember(world, memory_id(page), "written elsewhere")
    turn_to(page)
    expect(window(page)).to_have_text(["hello", "You said: hello", "written elsewhere"])


def test_a_list_with_more_pages_keeps_them(page, world):
    """It does so when it changes: after a turn, and when a session is deleted."""
    owner = memory_id(page).split(".")[0]
    for number in range(SESSIONS_A_PAGE + 5):
        remember(world, f"{owner}.s{number}", f"number {number}", f"chat.{owner}")
    page.reload()
    expect(page.locator("#sessions a")).to_have_count(SESSIONS_A_PAGE)
    button(page, "More sessions").click()
    expect(page.locator("#sessions a")).to_have_count(SESSIONS_A_PAGE + 5)
    expect(button(page, "More sessions")).to_have_count(0)
    say(page, "one more")
    expect(page.locator("#sessions a")).to_have_count(SESSIONS_A_PAGE + 6)
    expect(page.locator("#sessions a").first).to_have_text("one more")
    expect(page.locator("#sessions [aria-current=page]")).to_have_text("one more")
    erase(page, "number 3")
    expect(page.locator("#sessions a")).to_have_count(SESSIONS_A_PAGE + 5)
    expect(page.locator("#sessions a", has_text=re.compile("^number 3$"))).to_have_count(0)
    expect(page.locator("#sessions [aria-current=page]")).to_have_text("one more")


def test_a_failed_deletion_is_reported_until_memory_is_back(page, world):
    """The sentence does not mention a message, and goes once memory answers again."""
    say(page, "keep me")
    world.memory.stop()
    erase(page, "keep me")
    expect(notice(page)).to_have_text("It may not have been deleted: memory is unreachable. Try again in a moment.")
    expect(outage(page)).to_contain_text("Memory is unreachable.")
    expect(page.locator("#sessions a")).to_have_text(["keep me"])
    world.memory.start()
    expect(notice(page)).to_have_text("")
    expect(outage(page)).to_have_text("")
