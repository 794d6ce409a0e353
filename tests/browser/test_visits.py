"""A page that outlives its visit: what it says, what it keeps, and what it shows to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import box, button, erase, memory_id, notice, outage, say, send, turn_to, window
from tests.browser.conftest import World
from tests.support.staff import PASSWORD, make_superuser

pytestmark = pytest.mark.browser

OVER = "This page belongs to a visit that is over"


@pytest.fixture(scope="module")
def staff(whole_world: World) -> str:
    """The user name of a member of staff."""
    make_superuser(whole_world.site, "visitor")
    return "visitor"


def sign_in(page: Page, name: str) -> Page:
    """Sign in to the admin in another tab, and return the tab."""
    tab = page.context.new_page()
    tab.goto("/admin/login/?next=/admin/")
    tab.get_by_label("Username").fill(name)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Log in").click()
    expect(tab.get_by_role("button", name="Log out")).to_be_visible()
    return tab


def sign_out(tab: Page) -> None:
    """Sign out again, which makes the browser another visitor's."""
    tab.get_by_role("button", name="Log out").click()
    expect(tab.get_by_text("Logged out")).to_be_visible()


@pytest.mark.parametrize("sent", [True, False])
def test_a_message_survives_the_reload_after_an_expired_visit(page, world, sent):
    """The text that the page promised to keep is in the box of the reloaded page, and can be sent there."""
    say(page, "hello")
    before = memory_id(page)
    box(page).fill("a long message")
    page.context.clear_cookies()
    world.wait_for_workers(world.kill_workers())
    expect(notice(page)).to_contain_text("Your visit has expired. Reload the page.")
    expect(page.locator("#connection")).to_have_text("Not connected.")
    if sent:
        send(page, "another long message")
        expect(notice(page)).to_contain_text("Your message is kept here; reload the page to send it.")
    page.reload()
    expect(box(page)).to_have_value("another long message" if sent else "a long message")
    assert memory_id(page) != before
    expect(window(page)).to_have_count(0)
    box(page).press("Enter")
    expect(window(page)).to_have_count(2)
    expect(box(page)).to_have_value("")


def test_a_message_is_handed_on_to_one_reload_only(page, world):
    """Another tab, another address and a second reload do not show it."""
    say(page, "hello")  # it is connected
    page.context.clear_cookies()
    world.wait_for_workers(world.kill_workers())
    expect(page.locator("#connection")).to_have_text("Not connected.")
    send(page, "mine alone")
    other = page.context.new_page()
    other.goto(page.url)
    expect(box(other)).to_have_value("")
    page.goto(page.url)  # like the next user of the browser: a visit, not a reload
    expect(box(page)).to_have_value("")
    page.reload()
    expect(box(page)).to_have_value("")
    assert "mine alone" not in page.evaluate("JSON.stringify(sessionStorage)")


@pytest.mark.parametrize("again", ["turned to", "connected"])
def test_signing_out_in_another_tab_ends_the_page(page, world, staff, again):
    """The page does not go on for another visitor: it says what happened, keeps its text and contents, and waits."""
    say(page, "hi im bob")
    before = memory_id(page)
    sign_out(sign_in(page, staff))
    box(page).fill("half a thought")
    if again == "turned to":
        turn_to(page)
    else:
        world.wait_for_workers(world.kill_workers())
    expect(notice(page)).to_contain_text(OVER)
    expect(page.locator("#connection")).to_have_text("Not connected.")
    expect(window(page)).to_have_text(["hi im bob", "You said: hi im bob"])
    send(page, "half a thought")
    expect(notice(page)).to_contain_text("reload the page to send it")
    page.reload()
    expect(box(page)).to_have_value("half a thought")
    expect(window(page)).to_have_count(0)
    assert world.memory.remembered(before) == ["hi im bob", "You said: hi im bob"]


@pytest.mark.parametrize("name", ["Sign out here", "Sign out everywhere"])
def test_a_visitor_signs_out(page, world, name):
    """After a question, the page is a new visitor's; another tab says what happened, and keeps what it shows."""
    say(page, "hi im bob")
    before, address = memory_id(page), page.url
    other = page.context.new_page()
    other.goto(address)
    expect(window(other)).to_have_count(2)
    page.bring_to_front()  # where a click need not wait for the frames of a tab in the background
    page.get_by_text("Visitor on this browser").click()
    button(page, name).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    button(page, name).click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(notice(other)).to_contain_text(OVER)
    expect(other.locator("#connection")).to_have_text("Not connected.")
    expect(window(other)).to_have_text(["hi im bob", "You said: hi im bob"])
    expect(page.locator("#sessions")).to_have_text("No sessions yet.")
    page.goto(address)
    expect(window(page)).to_have_count(0)
    assert memory_id(page) != before
    assert world.memory.remembered(before) == ["hi im bob", "You said: hi im bob"]


def test_a_visitor_stays_while_the_end_of_a_visit_cannot_be_stored(page, world):
    """The page says so: the cookie would still be good."""
    say(page, "hello")
    before = memory_id(page)
    page.get_by_text("Visitor on this browser").click()
    world.store.stop()
    button(page, "Sign out here").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(notice(page)).to_contain_text("Try again in a moment.")
    world.store.start()
    expect(outage(page)).to_have_text("")
    page.reload()
    assert memory_id(page) == before


def test_the_next_visitor_after_signing_out_sees_no_draft(page, staff):
    """Unsent text is removed with the visit, even in the same tab."""
    box(page).fill("half a thought")
    address = page.url
    sign_out(sign_in(page, staff))
    page.goto(address)
    expect(box(page)).to_have_value("")
    assert "half a thought" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_session_can_be_deleted_after_signing_in_elsewhere(page, world, staff):
    """Django issues another token then, and the page uses it."""
    say(page, "forget me")
    forgotten = memory_id(page)
    sign_in(page, staff)
    page.bring_to_front()
    erase(page, "forget me")
    expect(page.locator("#sessions")).to_have_text("No sessions yet.")
    assert world.memory.remembered(forgotten) == []


def test_deleting_after_signing_out_elsewhere_is_refused_in_words(page, world, staff):
    """Nothing is deleted or looks deleted, and the draft survives the reload."""
    say(page, "keep me")
    sign_out(sign_in(page, staff))
    page.bring_to_front()
    box(page).fill("half a thought")
    erase(page, "keep me")
    expect(notice(page)).to_contain_text(OVER)
    expect(page.locator("#sessions a")).to_have_text(["keep me"])
    assert world.memory.remembered(memory_id(page)) == ["keep me", "You said: keep me"]
    page.reload()
    expect(box(page)).to_have_value("half a thought")


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (HTTPStatus.FORBIDDEN, "Reload the page and try again."),
        (HTTPStatus.NOT_FOUND, "Reload the page and try again."),
        (HTTPStatus.INTERNAL_SERVER_ERROR, "Try again in a moment."),
        (HTTPStatus.BAD_GATEWAY, "Try again in a moment."),
    ],
)
def test_a_request_that_fails_says_what_to_do(page, status, advice):
    """Whatever the answer and its source, no foreign page replaces this one."""
    say(page, "keep me")
    expect(page).to_have_title("keep me · Motörhead Chat")
    address, title = page.url, page.title()
    page.route("**/s/*/delete", lambda route: route.fulfill(status=status, body="<title>No</title><h1>No</h1>"))
    page.route("**/", lambda route: route.fulfill(status=status, body="<title>No</title><h1>No</h1>"))
    for act in (lambda: erase(page, "keep me"), lambda: page.get_by_role("link", name="New session").click()):
        act()
        expect(notice(page)).to_have_text(f"That did not work ({status:d}). {advice}")
        box(page).fill("next")
        expect(notice(page)).to_have_text("")
    expect(window(page)).to_have_count(2)
    assert (page.url, page.title()) == (address, title)


def test_a_site_that_does_not_answer_is_reported(page):
    """A request that reaches no server does not fail silently."""
    say(page, "keep me")
    page.route("**/s/*/delete", lambda route: route.abort())
    erase(page, "keep me")
    expect(notice(page)).to_have_text("The site is not answering. Try again in a moment.")
    expect(page.locator("#sessions a")).to_have_text(["keep me"])
    page.route("**/visit", lambda route: route.abort(), times=1)
    turn_to(page)
    expect(notice(page)).to_have_text("")  # the page retries automatically


def test_an_outage_is_shown_like_any_page(page, world):
    """A session opened during an outage is shown, and says why it is empty."""
    page.evaluate("window.sameDocument = true")
    say(page, "hello")
    first = page.url
    world.memory.stop()
    page.get_by_role("link", name="New session").click()
    expect(page).not_to_have_url(first)  # the first session's page also learns of the outage
    expect(outage(page)).to_contain_text("Memory is unreachable.")
    assert page.evaluate("window.sameDocument")


def test_staff_see_a_refusal_too(open_page: Callable[..., Page], world: World, staff: str) -> None:
    """A page without a message box still has a place for sentences."""
    httpx.post(
        f"{world.memory.url}/sessions/elsewhere/memory",
        json={"messages": [{"role": "Human", "content": "hi"}]},
        trust_env=False,
    ).raise_for_status()
    page = open_page()
    sign_in(page, staff)
    page.goto("/any?id=elsewhere")
    expect(window(page)).to_have_text(["hi"])
    page.route("**/", lambda route: route.fulfill(status=HTTPStatus.BAD_GATEWAY))
    page.get_by_role("link", name="New session").click()
    expect(notice(page)).to_contain_text("That did not work (502).")
