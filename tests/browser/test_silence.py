"""Lines that fall silent: they stay open, but carry nothing. The page notices, and goes on over another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import HIDE, SHOW, box, button, live, memory_id, outbox, say, send, window
from tests.browser.conftest import World, asked_to_chat
from tests.browser.pretend_server import PretendServer
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import PATIENCE
from tests.support.silent_line import SilentLine

pytestmark = pytest.mark.browser

#: Milliseconds until a silent line has been replaced.
REPLACED = 10_000 * PATIENCE


@pytest.fixture
def page(open_page: Callable[..., Page], line: SilentLine) -> Page:
    """A page behind the line, with one exchange."""
    page = open_page(line.url)
    say(page, "hello")
    return page


def say_elsewhere(page: Page, world: World, text: str) -> None:
    """Say something in the page's session from a tab with a better line."""
    other = page.context.new_page()
    other.goto(page.url.replace(page.evaluate("location.origin"), world.site.url))
    say(other, text)


def test_a_silent_line_is_replaced(page, world, line):
    """What happened meanwhile is then shown."""
    line.silence()
    say_elsewhere(page, world, "are you there?")
    expect(window(page)).to_have_count(4, timeout=REPLACED)
    expect(page.locator("#connection")).to_have_text("")


def test_an_answer_goes_on_over_another_line(page, world, line):
    """It is complete, and shown once."""
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "count")
    expect(live(page).locator(".reply .text")).to_have_text("one ")
    line.silence()
    gate.release()
    expect(window(page)).to_have_text(["hello", "You said: hello", "count", "one two"], timeout=REPLACED)


def test_a_stop_into_a_silent_line_is_made_over_another(page, world, line):
    """So is the message that the user has sent behind it."""
    world.model.enqueue(Reply(["one ", "two"], gate=Gate(), gate_at=1), when=asked_to_chat)
    send(page, "count")
    expect(live(page).locator(".reply .text")).to_have_text("one ")
    line.silence()
    send(page, "never mind")
    button(page, "Stop and send").click()
    texts = ["hello", "You said: hello", "count", "one", "never mind", "You said: never mind"]
    expect(window(page)).to_have_text(texts, timeout=REPLACED)
    expect(page.locator("#window .badge")).to_have_text("stopped")


@pytest.mark.parametrize("only_back", [False, True], ids=["lost", "answer lost"])
def test_a_message_into_a_silent_line_is_answered_once(page, world, line, only_back):
    """Whether it arrived or not, it is one turn."""
    line.silence(only_back=only_back)
    send(page, "are you there?")
    texts = ["hello", "You said: hello", "are you there?", "You said: are you there?"]
    expect(window(page)).to_have_text(texts, timeout=REPLACED)
    expect(outbox(page)).to_have_text("")
    expect(box(page)).to_have_value("")
    assert world.memory.remembered(memory_id(page)) == texts
    assert [request.text for request in world.model.requests if asked_to_chat(request)].count("are you there?") == 1


def test_a_line_that_is_silent_from_the_beginning_is_replaced(page, line):
    """A connection that does not open does not keep the page waiting."""
    line.hold()
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    send(page, "are you there?")
    page.wait_for_timeout(1_000)  # it may first wait for the old socket to close
    line.silence()
    line.release()
    expect(window(page)).to_have_count(4, timeout=2 * REPLACED)


@pytest.mark.parametrize("event", ["window.dispatchEvent(new Event('online'))", SHOW])
def test_a_return_to_the_network_or_the_tab_asks_at_once(page, event):
    """The computer was perhaps asleep."""
    page.clock.install()
    with PretendServer(page) as server:
        send(page, "hello")
        server.turn_of("hello")  # it is connected
        before = server.pings()
        page.evaluate(event)
        server.pings(at_least=before + 1)


def test_a_hidden_page_asks_nothing(page):
    """Even if its socket opened while it was hidden."""
    page.clock.install()
    with PretendServer(page) as server:
        send(page, "hello")
        server.turn_of("hello")  # it is connected
        page.clock.run_for(5_000)
        asked = server.pings(at_least=1)
        page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })")
        page.clock.run_for(60_000)
        assert server.pings() == asked


def test_a_browser_without_a_network_says_so_at_once(page):
    """It does not wait until the line has been silent for seconds, and goes on once the network is back."""
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_have_text("Offline.", timeout=1000 * PATIENCE)
    send(page, "kept")
    expect(outbox(page)).to_have_count(1)
    page.context.set_offline(False)
    expect(window(page)).to_have_count(4, timeout=REPLACED)
    expect(page.locator("#connection")).to_have_text("")
