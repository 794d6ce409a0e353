"""The session on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import append, memory_id, say, turn_to, window

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 700}}])
def test_printing_prints_the_session(open_page, world, options):
    """All messages on the page, as long as they are, and nothing beside them; dark on white."""
    page = open_page(**options)
    say(page, "first of all")
    code = f"```\n{'wide ' * 100}\n```"
    append(
        world,
        memory_id(page),
        ("Human", "a line\n" * 200),
        ("AI", f"a line\n\n{code}\n\n" + "a line\n\n" * 60),
        ("Human", "last"),
    )
    turn_to(page)
    expect(window(page)).to_have_count(5)
    page.emulate_media(media="print")
    for selector in ("#side", "#aside", ".composer", "#connection", "button", ".skip", ".drawer", "[popover]"):
        assert page.locator(selector).locator("visible=true").count() == 0, selector
    for text in window(page).all():
        bottom, height, full, paper = text.evaluate("""(element) => {
            const { bottom, height } = element.getBoundingClientRect();
            return [bottom + scrollY, height, element.scrollHeight, document.documentElement.scrollHeight];
        }""")
        assert bottom <= paper
        assert full <= height + 1
    for tag in ("html", "body", "main", "#log", "#window pre"):
        size = "element => [element.scrollWidth - element.clientWidth, getComputedStyle(element).overflowY]"
        assert page.locator(tag).first.evaluate(size) == [0, "visible"], tag
    colours = "element => [getComputedStyle(element).color, getComputedStyle(document.body).backgroundColor]"
    assert window(page).last.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    expect(page.locator("#window h3").first).to_be_visible()
    assert page.pdf(format="A4").count(b"/Type /Page\n") >= 5


def test_a_printed_session_says_that_its_beginning_is_not_there(page, world):
    """Folded messages are not on the page until they are shown."""
    for number in range(5):
        say(page, f"number {number}")
    expect(page.locator("#fold-mark")).to_have_text("Above: folded into the summary")
    page.reload()
    expect(page.get_by_role("button", name="Show earlier messages")).to_be_visible()
    page.emulate_media(media="print")
    words = page.locator("#earlier-more").evaluate("element => getComputedStyle(element, '::before').content")
    assert "Earlier messages are not printed." in words
    notice, mark = (page.locator(selector).bounding_box() for selector in ("#earlier-more", "#fold-mark span"))
    assert notice["y"] + notice["height"] <= mark["y"]
