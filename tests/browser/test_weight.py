"""What the page costs to load, and that nothing on it jumps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import say
from tests.browser.test_sessions import fold

pytestmark = pytest.mark.browser

#: Bytes of a first load without htmx, as they are sent: what the workers compress, and what they do not.
MOST_BYTES = 62_000
#: The same with the headers of the answers.
MOST_WITH_HEADERS = 76_000
#: The sum of layout shifts, as browsers compute it: the part of the window that moved times how far it moved. What is
#: left are rows that move a little as times are written for the reader's zone, and as the memory's panel learns more.
MOST_SHIFT = 0.02

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


_BODIES = """() => Object.fromEntries(performance.getEntries()
    .filter(({ entryType }) => /navigation|resource/.test(entryType))
    .map(({ name, encodedBodySize }) => [name, encodedBodySize]))"""


@pytest.fixture(params=["en", "de"])
def received(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> dict[str, tuple[int, int]]:
    """The bytes of each answer that a first load receives, in each language: its body, and with its headers."""
    page = open_page("/favicon.ico", locale=request.param)
    names: dict[str, str] = {}
    whole: dict[str, int] = {}
    network = page.context.new_cdp_session(page)
    network.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))
    network.on("Network.loadingFinished", lambda event: whole.update({event["requestId"]: event["encodedDataLength"]}))
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto("/", wait_until="networkidle")
    bodies = page.evaluate(_BODIES)
    return {names[one]: (bodies.get(names[one], 0), size) for one, size in whole.items() if one in names}


def test_the_first_load_is_small(received):
    """Page, style sheet, scripts and icon, besides htmx."""
    counted = {name: sizes for name, sizes in received.items() if "htmx" not in name}
    assert len(counted) > 30, counted
    assert 15_000 < sum(body for body, _ in counted.values()) < MOST_BYTES, counted
    assert sum(whole for _, whole in counted.values()) < MOST_WITH_HEADERS, counted


@pytest.mark.parametrize("width", [1440, 390])
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
