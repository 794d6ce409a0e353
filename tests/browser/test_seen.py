"""What the model saw, as the user sees it."""

from __future__ import annotations

import json

import pytest
import redis
from playwright.sync_api import Page, expect

from tests.browser.acts import append, button, live, memory_id, notice, say, send
from tests.browser.conftest import World, asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser

SAW = "What the model saw"
HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script></div>{{ x }}"


def under_last_reply(page: Page):
    """The button under the newest reply."""
    return page.locator("#window .message.reply").last.get_by_role("button", name=SAW)


def dialog(page: Page):
    return page.get_by_role("dialog", name=SAW)


def sent(page: Page) -> list[tuple[str, str]]:
    """The messages in the dialog, as its copy has them."""
    source = dialog(page).locator("[data-source]").get_attribute("data-source") or ""
    return [(message["role"], message["content"]) for message in json.loads(source)]


def asked(world: World, count: int) -> list[tuple[str, str]]:
    """The messages of the chat's request number ``count``, as the model got them."""
    chats = [request for request in world.model.requests if asked_to_chat(request)]
    return [(message["role"], message["content"]) for message in chats[count].messages]


def test_a_reply_shows_the_exact_prompt_it_came_from(page, world):
    """One click, part by part, after further turns and a reload, too; Escape closes it and it is gone."""
    say(page, "hi im bob")
    say(page, f"{HOSTILE} figs")
    under_last_reply(page).click()
    expect(dialog(page).locator(".sent-parts b")).to_have_text(["Instructions", "Window", "Window", "New message"])
    expect(dialog(page).locator(".sent-parts .plain").last).to_have_text(f"{HOSTILE} figs")
    assert sent(page) == asked(world, 1)
    expect(dialog(page).locator(".bar-of-parts").last.locator("li")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#seen-prompt")).to_be_empty()
    expect(under_last_reply(page)).to_be_focused()
    page.reload()
    page.locator("#window .message.reply").first.get_by_role("button", name=SAW).click()
    expect(dialog(page).locator(".sent-parts .plain").last).to_have_text("hi im bob")
    assert sent(page) == asked(world, 0)
    assert page.title() != "run"


def test_the_summary_is_part_of_it_after_a_fold(page, world):
    """The bar beside the messages, and the dialog, show it as a part of its own."""
    for number in range(4):
        say(page, f"message {number}")
    expect(page.locator("#memory .summary")).to_be_visible()
    say(page, "what do you know?")
    expect(page.locator("#prompt .bar-of-parts li.of-summary")).to_be_visible()
    under_last_reply(page).click()
    expect(dialog(page).locator(".sent-parts li.of-summary .plain").last).to_be_visible()
    assert sent(page) == asked(world, 4)


def test_the_last_turn_shows_it_while_it_is_answered_and_after_it_failed(page, world):
    """The button at the right knows the turn, whether there is a reply or not."""
    gate = Gate()
    world.model.enqueue(Reply(["So ", "far"], gate=gate, gate_at=1), Reply(status=400), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("So")
    last = page.locator("#prompt").get_by_role("button", name=SAW)
    last.click()
    expect(dialog(page).locator(".sent-parts .plain").last).to_have_text("talk")
    button(page, "Close").click()
    gate.release()
    expect(under_last_reply(page)).to_be_visible()
    send(page, "fail")
    expect(live(page).locator(".trouble")).to_be_visible()
    last.click()
    expect(dialog(page).locator(".sent-parts .plain").last).to_have_text("fail")


def test_afterwards_it_says_so(page, world):
    """A tab left open still has the button; the prompt has expired with the run."""
    say(page, "hi im bob")
    with redis.Redis.from_url(world.store.url) as client:
        client.delete(*client.scan_iter("chat:run:*:prompt:*"))
    under_last_reply(page).click()
    expect(dialog(page)).to_contain_text("kept for five minutes")
    button(page, "Close").click()
    append(world, memory_id(page), ("Human", "from elsewhere"), ("AI", "another client's"))
    page.reload()
    under_last_reply(page).click()
    expect(dialog(page)).to_contain_text("no longer known")


def test_while_the_memory_is_away_the_page_says_so(page, world):
    """There is no dialog without a prompt; the turn at the right needs no memory."""
    say(page, "hi im bob")
    world.memory.stop()
    under_last_reply(page).click()
    expect(notice(page)).to_contain_text("Memory is unreachable")
    expect(dialog(page)).to_be_hidden()
    page.locator("#prompt").get_by_role("button", name=SAW).click()
    expect(dialog(page).locator(".sent-parts .plain").last).to_have_text("hi im bob")


def test_each_part_of_a_bar_explains_itself(page):
    """When it is pointed at, or focused with the keyboard; nothing moves."""
    say(page, "hi im bob")
    part = page.locator("#prompt .bar-of-parts li.of-window, #prompt .bar-of-parts li.of-message").last
    why = part.locator(".why")
    expect(why).to_have_css("opacity", "0")
    before = page.locator("#prompt dl").bounding_box()
    part.focus()
    expect(why).to_have_css("opacity", "1")
    assert page.locator("#prompt dl").bounding_box() == before
    expect(why).to_have_text("The message that the model answers.")
