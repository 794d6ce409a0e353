"""axe-core finds nothing wrong with the page, whatever its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import HIDE, box, button, live, memory_id, outage, say, send
from tests.browser.conftest import asked_to_chat
from tests.browser.test_sessions import fold
from tests.chat.sessions.chatgpt_export import conversation, file_of, said
from tests.support.axe import violations
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import PATIENCE
from tests.support.staff import PASSWORD, make_staff

pytestmark = pytest.mark.browser

#: A reply with all that a reply may contain.
RICH = """# Title

- [x] done
- **bold** `code`

| a | b |
| - | - |
| 1 | [link](http://x.example) |

> quoted

```python
x = 1
```

$$x^2$$
"""
#: What a page is looked at with, unless it says otherwise.
PLAIN: dict[str, Any] = {"color_scheme": "light", "contrast": "no-preference"}
#: The rules that depend on colours, for dark mode and high contrast.
COLOURS = ("color-contrast", "link-in-text-block")


def check(page: Page) -> None:
    """Have axe look at the page in light, and at its colours in dark and in high contrast."""
    assert violations(page) == []
    for media in ({"color_scheme": "dark"}, {"color_scheme": "dark", "contrast": "more"}, {"contrast": "more"}):
        page.emulate_media(**{**PLAIN, **media})
        assert violations(page, *COLOURS) == [], media
    page.emulate_media(**PLAIN)


@pytest.fixture
def calm_page(open_page: Callable[..., Page]) -> Page:
    """A new visitor's page on which nothing moves."""
    return open_page(reduced_motion="reduce")


def test_the_pages_of_accounts_have_no_violations(calm_page):
    """Empty and with errors; likewise the menu from which they are reached."""
    say(calm_page, "hi im bob")
    calm_page.get_by_text("Visitor on this browser").click()
    check(calm_page)
    for path in ("sign-in", "sign-up", "forget"):
        calm_page.goto(f"/account/{path}")
        check(calm_page)
        calm_page.locator("form:not(.languages)").evaluate("form => { form.noValidate = true; form.requestSubmit() }")
        expect(calm_page.locator(".errorlist, .trouble").first).to_be_visible()
        check(calm_page)
    calm_page.locator("[name=words]").fill("forget me")
    calm_page.locator("form:not(.languages)").evaluate("form => form.requestSubmit()")
    expect(calm_page.get_by_role("heading", name="You are forgotten")).to_be_visible()
    check(calm_page)


def test_a_session_has_no_violations(calm_page, world):
    """Empty, with a rich reply, and with a fold."""
    check(calm_page)
    world.model.enqueue(RICH, when=asked_to_chat)
    say(calm_page, "show me")
    check(calm_page)
    fold(calm_page, world)
    check(calm_page)


def test_the_memory_panel_has_no_violations(calm_page, world):
    """With marks of a fold, an editor, versions with what changed, both, and instructions."""
    fold(calm_page, world)
    button(calm_page, "Versions").click()
    calm_page.locator("#version-1 summary").click()
    expect(calm_page.locator("#version-1 .comparison")).to_be_visible()
    calm_page.locator("#version-1").hover()
    check(calm_page)
    button(calm_page, "Edit the summary").click()
    expect(calm_page.get_by_label("Summary", exact=True)).to_be_focused()
    check(calm_page)
    button(calm_page, "Cancel").click()
    button(calm_page, "Instructions").click()
    expect(calm_page.get_by_label("Instructions for the summary")).to_be_visible()
    button(calm_page, "Edit the summary").click()
    expect(calm_page.get_by_label("Summary", exact=True)).to_be_focused()
    check(calm_page)


def test_importing_and_sharing_have_no_violations(calm_page):
    """The dialogs, with a report and with a new link, and the page that the link opens."""
    button(calm_page, "Import sessions").click()
    expect(calm_page.get_by_role("dialog")).to_be_visible()
    check(calm_page)
    trip = file_of(conversation(said("user", "hi"), said("assistant", RICH)))
    files = [{"name": name, "mimeType": "text/json", "buffer": content} for name, content in (("a", trip), ("b", b"{"))]
    calm_page.locator("#import-files").set_input_files(files)
    expect(calm_page.locator("#import-report .wrong")).to_be_visible()
    check(calm_page)
    calm_page.keyboard.press("Escape")
    calm_page.locator("#sessions a").click()
    calm_page.locator("#sessions [data-menu]").click()
    calm_page.locator("#session-menu").get_by_role("button", name="Share").click()
    button(calm_page, "Create a link").click()
    address = calm_page.locator("#share-address").inner_text()
    check(calm_page)
    calm_page.goto(address)
    expect(calm_page.get_by_role("heading", level=1)).to_have_text("A trip")
    check(calm_page)


def test_a_turn_has_no_violations(calm_page, world):
    """While it grows, and after it has failed."""
    gate = Gate()
    world.model.enqueue(Reply(["So far ", "so good"], gate=gate, gate_at=1), when=asked_to_chat)
    send(calm_page, "talk")
    expect(live(calm_page).locator(".reply .text")).to_have_text("So far ")
    check(calm_page)
    gate.release()
    expect(live(calm_page)).to_have_text("")
    world.model.enqueue(Reply("no", status=400), when=asked_to_chat)
    send(calm_page, "fail")
    expect(button(calm_page, "Retry")).to_be_visible()
    check(calm_page)


def test_outages_have_no_violations(calm_page, world):
    """A turn that is not remembered, an outage of the memory, and a message that waits for the connection."""
    gate = Gate()
    world.model.enqueue(Reply(["So far ", "so good"], gate=gate, gate_at=1), when=asked_to_chat)
    send(calm_page, "talk")
    expect(live(calm_page).locator(".reply .text")).to_have_text("So far ")
    world.memory.stop()
    gate.release()
    expect(button(calm_page, "Save again")).to_be_visible(timeout=30_000 * PATIENCE)
    expect(outage(calm_page)).not_to_be_empty()
    check(calm_page)
    calm_page.evaluate(HIDE)
    expect(calm_page.locator("#connection")).not_to_be_empty()
    send(calm_page, "later")
    expect(calm_page.get_by_text("Waiting for the connection.")).to_be_visible()
    check(calm_page)


def test_dialogs_have_no_violations(calm_page):
    """An offer to undo, a session's menu and field, the palette with and without a match, and the shortcuts."""
    say(calm_page, "hello")
    button(calm_page, "Delete hello").click()
    check(calm_page)
    button(calm_page, "Undo").click()
    button(calm_page, "Actions for hello").click()
    check(calm_page)
    button(calm_page, "Rename").click()
    check(calm_page)
    calm_page.keyboard.press("Escape")
    calm_page.keyboard.press("Control+K")
    expect(calm_page.get_by_role("option", name="hello")).to_be_visible()
    check(calm_page)
    calm_page.keyboard.type("nothing like that")
    expect(calm_page.locator("#palette").get_by_role("option")).to_have_count(0)
    check(calm_page)
    calm_page.keyboard.press("Escape")
    button(calm_page, "Keyboard shortcuts").click()
    check(calm_page)


def test_what_the_model_saw_has_no_violations(calm_page, world):
    """The prompt part by part, with a summary and a window."""
    fold(calm_page, world)
    say(calm_page, "hello again")
    calm_page.locator("#window .message.reply").last.get_by_role("button", name="What the model saw").click()
    expect(calm_page.get_by_role("dialog", name="What the model saw")).to_be_visible()
    check(calm_page)


def test_search_results_have_no_violations(calm_page):
    """What was found, the message that one of them leads to, and nothing found."""
    say(calm_page, "where do bees live?")
    calm_page.get_by_label("Search your messages").fill("bees")
    expect(calm_page.locator("#found mark").first).to_have_text("bees")
    check(calm_page)
    calm_page.locator('#found .hit[href*="#message-"]').first.click()
    expect(calm_page.locator("[data-sought]")).to_have_count(1)
    check(calm_page)
    calm_page.get_by_label("Search your messages").fill("wasps")
    expect(calm_page.get_by_text("Nothing is found in your sessions.")).to_be_visible()
    check(calm_page)


def test_other_pages_have_no_violations(calm_page, world):
    """A page with one sentence, and a session as staff see it."""
    say(calm_page, "hello")
    session = memory_id(calm_page)
    calm_page.goto("/nothing-here")
    check(calm_page)
    make_staff(world.site, {"reader": ["view_session"]})
    calm_page.goto(f"/admin/login/?next=/any%3Fid%3D{session}")
    calm_page.get_by_label("Username").fill("reader")
    calm_page.get_by_label("Password").fill(PASSWORD)
    button(calm_page, "Log in").click()
    expect(calm_page.get_by_text("You are viewing this session as staff")).to_be_visible()
    check(calm_page)


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """The page on a phone, on which nothing moves."""
    return open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce")


def test_a_phone_has_no_violations(phone):
    """The session, and each of the panels over it."""
    say(phone, "hello")
    check(phone)
    for panel in ("Sessions", "Memory"):
        button(phone, panel).click()
        expect(phone.locator(":popover-open")).to_be_visible()
        check(phone)
        phone.keyboard.press("Escape")


def test_what_is_touched_is_large_enough(phone):
    """On a phone, buttons and the links in lists are at least 44 pixels high; links in text need not be."""
    say(phone, "hello")
    too_low = """(elements) => elements.map((one) => [one.textContent.trim(), one.getBoundingClientRect().height])
        .filter(([, height]) => 0 < height && height < 44)"""
    touched = "button, summary, nav a, textarea, label:not(.hidden)"
    assert phone.locator(touched).evaluate_all(too_low) == []
    for panel in ("Sessions", "Memory"):
        button(phone, panel).click()
        assert phone.locator(touched).evaluate_all(too_low) == []
        phone.keyboard.press("Escape")


def test_nothing_moves_where_motion_is_reduced(calm_page, world):
    """Not a growing reply, nor a dialog that opens."""
    gate = Gate()
    world.model.enqueue(Reply(["So far ", "so good"], gate=gate, gate_at=1), when=asked_to_chat)
    send(calm_page, "talk")
    expect(live(calm_page).locator(".reply .text")).to_have_text("So far ")
    calm_page.keyboard.press("Control+K")
    expect(calm_page.get_by_role("dialog")).to_be_visible()
    assert calm_page.evaluate("document.getAnimations().length") == 0
    calm_page.keyboard.press("Escape")
    gate.release()
    expect(live(calm_page)).to_have_text("")
    expect(box(calm_page)).to_be_focused()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_reference_of_the_api(open_page: Callable[..., Page], width: int):
    """All of it is reached by keyboard, the contents can be skipped, and what scrolls can be scrolled by keys."""
    page = open_page("/docs/api/", viewport={"width": width, "height": 800}, reduced_motion="reduce")
    check(page)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip the contents")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    unreached = page.evaluate("""[...document.querySelectorAll('main *')].filter((one) =>
        one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX) &&
        one.tabIndex < 0 && !one.querySelector('a, button')).map((one) => one.outerHTML.slice(0, 100))""")
    assert unreached == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
