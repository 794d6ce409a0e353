"""The page by keyboard, on a phone and in dark mode; and its defence against HTML in messages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import box, button, live, say, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser

HOSTILE = """<script>window.taken = 1</script><img src=x onerror="window.taken = 1">

[link](javascript:window.taken=1) [titled](http://127.0.0.1:9/ "<hx-x onclick=1>")
<hx-partial hx-target="body">gone</hx-partial>"""


def focused(page) -> str:
    """The id or text of the focused element."""
    return " ".join(
        page.evaluate(
            "document.activeElement.id || document.activeElement.ariaLabel || document.activeElement.textContent"
        ).split()
    )


def test_everything_can_be_done_with_the_keyboard(page, world):
    """Tab reaches sessions, messages, box and memory in reading order; Enter sends, Shift+Enter does not."""
    expect(box(page)).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    expect(window(page).first).to_have_text("one\ntwo")
    expect(live(page)).to_have_text("")
    expect(page.locator("#sessions a")).to_have_text(["one two"])  # the list is updated a moment after the window
    expect(box(page)).to_be_focused()
    page.locator(".skip").focus()
    order = []
    for _ in range(40):
        page.keyboard.press("Tab")
        order.append(focused(page))
    wanted = [
        "new",
        "one two",
        "Delete one two",
        "Actions for one two",
        "log",
        "Copy",
        "text",
        "Send",
        "Use this session from LangChain",
    ]
    places = [order.index(name) for name in wanted]
    assert places == sorted(places)


def test_the_skip_link_leads_to_the_message_box(page):
    """The first element that Tab reaches skips the lists."""
    skip = page.locator("a, button, input, textarea, [tabindex]").first
    expect(skip).to_have_text("Skip to the message box")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()


def test_the_focus_is_visible(page):
    """The focused element has an outline."""
    expect(box(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_focus_is_not_lost_with_its_element(page, world):
    """After Stop is pressed by keyboard, its button is gone and the message box has the focus."""
    world.model.enqueue(Reply(["So far ", "no more"], gate=Gate(), gate_at=1), when=asked_to_chat)
    send(page, "talk")
    expect(live(page).locator(".reply .text")).to_have_text("So far ")
    button(page, "Stop").press("Enter")
    expect(page.locator("#window .badge")).to_have_text("stopped")
    expect(box(page)).to_be_focused()


def test_a_screen_reader_hears_each_reply_once(page, world):
    """A polite status announces the start and, at the end, the whole reply; the log itself is silent while it grows."""
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two\n\nthree"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "count")
    status = page.locator("#status")
    expect(status).to_have_text("Answering.")
    expect(live(page).locator(".reply .text")).to_have_text("one ")
    expect(page.get_by_role("log", name="Messages")).to_have_attribute("aria-live", "off")
    assert page.locator(":not(#log)[aria-live] #live, [role=status] #live, [role=alert] #live").count() == 0
    gate.release()
    expect(status).to_have_text("The answer is complete. one two three")
    expect(live(page)).to_have_text("")
    expect(status).to_have_text("The answer is complete. one two three")


def test_on_a_phone_the_outer_columns_are_panels(open_page):
    """Nothing is wider than the screen; sessions and memory open with a button and close with Escape."""
    page = open_page(viewport={"width": 375, "height": 667}, has_touch=True)
    say(page, "hello there")
    say(page, "x" * 300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    expect(page.locator("#aside")).not_to_be_visible()
    button(page, "Memory").click()
    expect(page.locator("#memory")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#aside")).not_to_be_visible()
    button(page, "Sessions").click()
    page.get_by_role("link", name="New session").click()
    expect(page.locator("#side")).not_to_be_visible()
    expect(page.locator("#title")).to_have_text("New session")


@pytest.mark.parametrize("width", [375, 1280])
def test_a_page_with_one_sentence_is_centred(open_page, width):
    """Errors are shown in the site's own style, on any screen."""
    page = open_page("/nothing-here", viewport={"width": width, "height": 667})
    place = page.locator("main").bounding_box()
    assert place["x"] + place["width"] / 2 == pytest.approx(width / 2, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_in_light_and_dark(open_page, scheme):
    """The page follows the system, and its texts have a contrast of at least 4.5 to 1."""
    page = open_page(color_scheme=scheme)
    say(page, "hello")
    darkness = [contrast_and_paper(page, selector) for selector in ("#window .reply .text", "#keys", "button.send")]
    assert all(contrast >= 4.5 for contrast, _ in darkness), darkness
    assert (darkness[0][1] < 0.2) == (scheme == "dark")


def contrast_and_paper(page, selector: str) -> tuple[float, float]:
    """The contrast of an element's text, and the luminance of its background (0 to 1), as defined by WCAG."""
    ink, paper = page.locator(selector).first.evaluate("""(element) => {
        const clear = (color) => color === "rgba(0, 0, 0, 0)";
        let behind = element;
        while (clear(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
        return [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor];
    }""")
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05), luminance(paper)


def luminance(color: str) -> float:
    """Relative luminance of ``rgb(…)``."""
    parts = [int(part) / 255 for part in color.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_html_of_users_and_models_is_text(page, world):
    """Markup from either side is shown as text, not executed: while streaming, in the window and after a reload."""
    gate = Gate()
    world.model.enqueue(Reply([HOSTILE, "\n\nend"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, HOSTILE)
    expect(live(page).locator(".reply .text")).to_contain_text("<script>")
    gate.release()
    for _ in range(2):
        expect(window(page)).to_have_count(2)
        for text in window(page).all():
            expect(text).to_contain_text("<script>")
            expect(text).to_contain_text("<hx-partial")
        assert page.locator("#log :is(script, img, [onclick], [onerror], a[href^='javascript'])").count() == 0
        assert page.evaluate("window.taken") is None
        page.reload()


def test_an_expired_visit_is_reported_and_does_not_reconnect_forever(page, world):
    """A page whose cookie is gone reconnects once, says that the visit has expired, and keeps its text."""
    say(page, "hello")
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.context.clear_cookies()
    world.wait_for_workers(world.kill_workers())
    expect(page.locator("#notice")).to_contain_text("Your visit has expired. Reload the page.")
    expect(page.locator("#connection")).to_have_text("Not connected.")
    opened = len(sockets)
    send(page, "is anybody there?")
    expect(page.locator("#notice")).to_contain_text("no longer connected")
    expect(box(page)).to_have_value("is anybody there?")
    page.wait_for_timeout(2_000)  # longer than the pause before a page reconnects
    assert len(sockets) == opened
