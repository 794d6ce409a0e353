"""What is rarely opened is loaded when it is first used."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acts import button, say

pytestmark = pytest.mark.browser

#: What opens each, by its accessible name, and the module that it loads.
OPENERS = {
    "Find": "palette",
    "Keyboard shortcuts": "sheet",
    "Actions for hello": "session_menu",
    "Delete hello": "deleting",
    "Versions": "pane",
    "Edit the summary": "editing",
    "What the model saw": "seen",
}


def loaded(page: Page) -> set[str]:
    """The names of the modules and style sheets that the page has loaded."""
    names: list[str] = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    return {name.rpartition("/")[2].partition(".")[0] for name in names}


def test_what_is_rarely_opened_is_not_part_of_the_first_load(page):
    """It comes when the pointer is on what opens it."""
    say(page, "hello")
    assert not loaded(page) & {*OPENERS.values(), "drawer", "story", "tour", "versions"}
    for name, module in OPENERS.items():
        with page.expect_response(f"**/chat/page/{module}.*.js"):
            page.get_by_role("button", name=name, exact=name != "What the model saw").first.hover()


def test_the_first_click_opens_it(page):
    """It is repeated once everything is there: a menu is at its button, in its own style."""
    say(page, "hello")
    button(page, "Actions for hello").dispatch_event("click")  # as by a key: nothing has pointed at it before
    expect(button(page, "Rename")).to_be_visible()
    menu, opener = page.locator("#session-menu").bounding_box(), button(page, "Actions for hello").bounding_box()
    assert menu
    assert opener
    assert abs(menu["x"] - opener["x"]) < 5
    assert page.locator("#session-menu").evaluate("(menu) => getComputedStyle(menu).position") == "fixed"


def test_what_is_typed_meanwhile_is_in_the_palette(page):
    """Its field is there at once, whenever its script comes."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/palette.*.js", hold)
    page.keyboard.press("Control+K")
    page.keyboard.type("shortc")
    expect(page.locator("#palette-text")).to_have_value("shortc")
    held[0].continue_()
    expect(page.locator("#palette").get_by_role("option")).to_have_text(re.compile("^Show keyboard shortcuts"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("file", ["palette.*.js", "palette.*.css"])
def test_what_could_not_be_loaded_is_said(page, file):
    """The site was away for a moment. After a reload, it opens."""
    page.route(f"**/{file}", lambda route: route.abort())
    page.keyboard.press("Control+K")
    expect(page.get_by_text("This part of the page did not load.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.unroute(f"**/{file}")
    page.reload()
    page.keyboard.press("Control+K")
    expect(page.get_by_role("combobox", name="Find a session or an action")).to_be_focused()
