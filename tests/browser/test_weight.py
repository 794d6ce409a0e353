"""What the page costs to load, and that nothing on it jumps."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import say
from tests.browser.test_sessions import fold

pytestmark = pytest.mark.browser

#: Bytes of a first load without htmx, all compressed: files as the workers send them. The page itself they do not
#: compress, as it has a token in it, but a proxy may.
MOST_BYTES = 70 * 1024
#: The sum of layout shifts, as browsers compute it: the part of the window that moved times how far it moved. More than
#: half of it is the line with the day, which only the script can write, as it is the reader's own.
MOST_SHIFT = 0.05

_LOADED = """() => performance.getEntries().filter(({ entryType }) => /navigation|resource/.test(entryType))
    .map(({ name, encodedBodySize }) => [name, encodedBodySize])"""

_WATCH = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
            const names = sources.map(({ node }) => node?.id || node?.className || node?.nodeName);
            // At a fold the list begins further down, and its messages stay in their places.
            if (!names.includes("window")) shifts.push([value, names]);
        }
    }).observe({ type: "layout-shift", buffered: true });
"""


def test_the_first_load_is_small(page):
    """Page, style sheets, script and icon, each compressed: less than 70 KiB, besides htmx."""
    loaded = {name: size for name, size in page.evaluate(_LOADED) if "htmx" not in name}
    loaded[page.url] = len(gzip.compress(page.request.get(page.url).body()))
    assert len(loaded) > 30, loaded
    assert 15_000 < sum(loaded.values()) < MOST_BYTES, loaded


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps(open_page: Callable[..., Page], world, width):
    """Not while the page loads, at the first answer, nor at a fold."""
    page = open_page("/favicon.ico", viewport={"width": width, "height": 800})
    page.add_init_script(_WATCH)
    page.goto("/")
    say(page, "hello")
    assert shift(page) == []
    if width > 1000:  # the summary is in view
        fold(page, world)
        assert shift(page) == []
    page.reload()
    expect(page.locator("#window .message").first).to_be_visible()
    assert shift(page) == []


def shift(page: Page) -> list[tuple[float, list[str]]]:
    """The layout shifts so far and what has moved, if together they are too large."""
    page.wait_for_timeout(100)  # the browser reports them a frame later
    shifts: list[tuple[float, list[str]]] = page.evaluate("shifts")
    return shifts if sum(value for value, _ in shifts) >= MOST_SHIFT else []
