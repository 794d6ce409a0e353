"""A message from Enter until the server has taken it: what is sent is what was in the box at that moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acts import HIDE, SHOW, box, button, live, notice, outbox, say, send, window
from tests.browser.conftest import asked_to_chat
from tests.browser.pretend_server import PretendServer
from tests.support.scripted_openai import Gate, Reply
from tests.support.silent_line import SilentLine

pytestmark = pytest.mark.browser


@pytest.fixture
def connecting(open_page: Callable[..., Page], line: SilentLine) -> Page:
    """A page whose websocket is connecting until the line is released."""
    page = open_page(line.url)
    say(page, "hello")
    line.hold()
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    return page


def test_what_is_written_after_enter_is_not_sent(connecting, line):
    """Only what was in the box at Enter is sent when the websocket has opened; the rest is still in the box."""
    page = connecting
    page.keyboard.type("first")
    page.keyboard.press("Enter")
    page.keyboard.type(" and not this")
    expect(outbox(page)).to_contain_text("first")
    line.release()
    expect(window(page)).to_have_text(["hello", "You said: hello", "first", "You said: first"])
    expect(box(page)).to_have_value(" and not this")
    expect(outbox(page)).to_have_text("")


def test_the_page_connects_when_its_script_is_ready(page):
    """Frames that came earlier would be lost on it."""
    held: list[Route] = []
    sockets: list[str] = []

    def hold(route: Route) -> None:
        held.append(route)  # Playwright requires a plain function as a handler

    page.route("**/chat/page/main*.js", hold)
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.reload(wait_until="commit")
    expect(box(page)).to_be_visible()
    page.wait_for_timeout(500)  # long enough for htmx to connect
    assert sockets == []
    held[0].continue_()
    say(page, "hello")
    assert len(sockets) == 1


def test_two_messages_are_not_joined(page, world):
    """What is typed at once after Enter is a message of its own."""
    gate = Gate()
    world.model.enqueue(Reply("so be it", gate=gate), when=asked_to_chat)
    page.keyboard.type("first")
    page.keyboard.press("Enter")
    page.keyboard.type("second")
    expect(live(page).locator(".human .text")).to_have_text("first")
    expect(box(page)).to_have_value("second")
    gate.release()
    expect(window(page)).to_have_text(["first", "so be it"])
    expect(box(page)).to_have_value("second")
    page.keyboard.press("Enter")
    expect(window(page)).to_have_text(["first", "so be it", "second", "You said: second"])


def test_a_message_waits_for_the_one_before_it(connecting, line):
    """A second Enter sends nothing and says why, and its text stays in the box."""
    page = connecting
    send(page, "first")
    send(page, "second")
    expect(notice(page)).to_have_text("Your previous message has not been sent yet. This one is kept here.")
    expect(box(page)).to_have_value("second")
    line.release()
    expect(window(page)).to_have_text(["hello", "You said: hello", "first", "You said: first"])
    expect(box(page)).to_have_value("second")
    expect(notice(page)).to_have_text("")


def test_a_message_that_waits_can_be_edited(connecting, line):
    """It returns to the box, before what was written since, and is not sent."""
    page = connecting
    send(page, "first")
    box(page).fill("second")
    outbox(page).get_by_role("button", name="Edit").click()
    expect(box(page)).to_have_value("first\n\nsecond")
    expect(outbox(page)).to_have_text("")
    line.release()
    expect(page.locator("#connection")).to_have_text("")
    say(page, "third")
    expect(window(page)).to_have_text(["hello", "You said: hello", "third", "You said: third"])


def test_a_message_without_an_answer_is_sent_again(page):
    """It is the same turn, until the server has accepted it."""
    page.clock.install()
    with PretendServer(page) as server:
        send(page, "first")
        turn = server.turn_of("first")
        page.clock.run_for(6_000)
        assert server.turn_of("first", times=2) == turn
        expect(outbox(page)).to_contain_text("Sending…")
        server.tell(accepted=turn)
        expect(outbox(page).get_by_text("Sending…")).not_to_be_visible()
        page.clock.run_for(60_000)
        assert server.turns_of("first") == [turn, turn]


def test_a_refused_message_returns_to_the_box(page):
    """Sent again unchanged, it is the same turn; changed, it is another."""
    with PretendServer(page) as server:
        send(page, "first")
        turn = server.turn_of("first")
        server.tell(refused=turn)
        expect(box(page)).to_have_value("first")
        expect(outbox(page)).to_have_text("")
        box(page).press("Enter")
        assert server.turn_of("first", times=2) == turn
        expect(box(page)).to_have_value("")
        server.tell(refused=turn)
        expect(box(page)).to_have_value("first")
        send(page, "first, changed")
        assert server.turn_of("first, changed") != turn


def test_a_refused_message_is_not_mixed_with_the_next(page):
    """If the user has gone on writing, it is shown as not sent, and can be sent again or edited."""
    with PretendServer(page) as server:
        send(page, "first")
        turn = server.turn_of("first")
        box(page).fill("second")
        server.tell(refused=turn)
        expect(outbox(page)).to_contain_text("Not sent.")
        expect(box(page)).to_have_value("second")
        box(page).press("Enter")
        expect(notice(page)).to_contain_text("has not been sent yet")
        button(page, "Send again").click()
        assert server.turn_of("first", times=2) == turn
        expect(outbox(page).get_by_text("Not sent.")).not_to_be_visible()
        server.tell(refused=turn)
        outbox(page).get_by_role("button", name="Edit").click()
        expect(box(page)).to_have_value("first\n\nsecond")
        assert server.turns_of("second") == []


def test_a_reload_keeps_both_messages(page):
    """The one on its way and the draft after it; the former is the same turn when it is sent again."""
    with PretendServer(page) as server:
        send(page, "first")
        turn = server.turn_of("first")
        box(page).fill("second")
        page.reload()
        expect(box(page)).to_have_value("second")
        expect(outbox(page)).to_contain_text("first")
        assert server.turns_of("first") == [turn]
        button(page, "Send again").click()
        assert server.turn_of("first", times=2) == turn
        server.tell(accepted=turn)
        server.tell(taken=turn)
        expect(outbox(page)).to_have_text("")
        page.reload()
        expect(box(page)).to_have_value("second")
        expect(outbox(page)).to_have_text("")


def test_a_message_on_its_way_is_in_the_box_when_one_comes_back(page):
    """The page was left for another document. The browser remembers an empty box, and does not empty it again."""
    say(page, "hello")
    with PretendServer(page) as server:
        send(page, "first")
        server.turn_of("first")
        page.goto("/healthz")
        page.go_back()
        expect(box(page)).to_have_value("first")
        page.wait_for_timeout(200)  # Chromium fills forms in after the page's script has run
        expect(box(page)).to_have_value("first")


def test_a_message_on_its_way_survives_the_reload_after_an_expired_visit(page, world):
    """So does the draft after it."""
    say(page, "hello")
    page.context.clear_cookies()
    killed = world.kill_workers()
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    send(page, "first")
    box(page).fill("second")
    world.wait_for_workers(killed)
    expect(page.locator("#connection")).to_have_text("Not connected.")
    expect(outbox(page)).to_contain_text("Not sent.")
    page.reload()
    expect(box(page)).to_have_value("second")
    button(page, "Send again").click()
    expect(window(page)).to_have_text(["first", "You said: first"])


def test_a_message_on_its_way_stays_with_its_session(connecting, line):
    """It is in the box when the user comes back to the session, and is sent to no other."""
    page = connecting
    send(page, "first")
    page.get_by_role("link", name="New session").click()
    expect(page.locator("#title")).to_have_text("New session")
    line.release()
    say(page, "another")
    expect(window(page)).to_have_text(["another", "You said: another"])
    expect(page.locator("#sessions a")).to_have_text(["another", "hello"])  # updated a moment after the window
    page.get_by_role("link", name="hello").click()
    expect(box(page)).to_have_value("first")
    expect(window(page)).to_have_text(["hello", "You said: hello"])


def test_the_socket_of_a_session_that_was_left_is_closed(open_page, line):
    """Also while it connects: it would be one of the few that a visitor may have, and delay the next one."""
    page = open_page(line.url)
    say(page, "hello")
    line.hold()
    with page.expect_websocket() as connecting:
        page.evaluate(HIDE)
        page.evaluate(SHOW)
    page.get_by_role("link", name="New session").click()
    expect(page.locator("#title")).to_have_text("New session")
    line.release()
    say(page, "another")
    assert connecting.value.is_closed()


@pytest.mark.parametrize("text", ["", "something else"])
def test_a_retry_waits_for_the_connection(open_page, line, world, text):
    """Like a message; what is in the box stays there."""
    page = open_page(line.url)
    world.model.enqueue(Reply("Half ", error="The model fell over."), when=asked_to_chat)
    send(page, "hi")
    expect(button(page, "Retry")).to_be_visible()
    box(page).fill(text)
    line.hold()
    page.evaluate(HIDE)
    page.evaluate(SHOW)
    button(page, "Retry").click()
    line.release()
    expect(window(page)).to_have_text(["hi", "You said: hi"])
    expect(box(page)).to_have_value(text)
