"""Lines between the days of a session."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.acts import append, button, live, memory_id, say, send, turn_to
from tests.browser.conftest import WINDOW, asked_to_chat
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.browser

DAYS = "#log .day"


def days(page):
    """The labels of the lines, from the top."""
    return page.locator(DAYS).evaluate_all("lines => lines.map((line) => line.ariaLabel)")


def move(page, days_ago):
    """Change the days on which the messages were said, from the first to the last."""
    page.evaluate(
        """([ago, now]) => {
            const times = document.querySelectorAll("#log time");
            times.forEach((time, at) => {
                const day = new Date(now);
                day.setDate(day.getDate() - ago[at]);
                time.dateTime = day.toISOString();
                delete time.dataset.local;
            });
            window.dispatchEvent(new Event("focus"));
        }""",
        [days_ago, datetime.now(UTC).isoformat()],
    )


def test_a_new_session_begins_today(page, world):
    """From the message's way to the server until it is remembered the line stays where it is, and is in no text."""
    gate = Gate()
    world.model.enqueue(Reply(["one", " two"], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "hello")
    expect(live(page)).to_contain_text("one")
    expect(page.get_by_role("separator", name="Today")).to_have_count(1)
    place = page.locator(DAYS).bounding_box()
    gate.release()
    expect(page.locator("#window .message")).to_have_count(2)
    assert days(page) == ["Today"]
    assert page.locator(DAYS).bounding_box() == place
    assert "Today" not in page.locator("#log").evaluate("log => log.textContent")


def test_each_day_has_a_line(open_page, world):
    """Today and yesterday by name, other days by date, those of other years with the year."""
    page = open_page(locale="en-GB", timezone_id="UTC")
    append(world, memory_id(page), *[("Human", "a"), ("AI", "b")] * 3)
    turn_to(page)
    expect(page.locator("#window .message")).to_have_count(6)
    move(page, [800, 400, 3, 1, 1, 0])
    found = days(page)
    assert found[3:] == ["Yesterday", "Today"]
    for label, ago in zip(found, (800, 400, 3), strict=False):
        day = datetime.now(UTC) - timedelta(days=ago)
        assert re.fullmatch(rf"{day:%A},? {day.day} {day:%B}( {day.year})?", label)
    assert all(re.search(r"\d{4}$", label) for label in found[:2])


def test_at_midnight_today_becomes_yesterday(open_page):
    """In a tab that was left open."""
    page = open_page()
    say(page, "hello")
    page.clock.install()
    page.reload()
    expect(page.get_by_role("separator", name="Today")).to_have_count(1)
    page.clock.fast_forward("24:00:00")
    expect(page.get_by_role("separator", name="Yesterday")).to_have_count(1, timeout=10_000 * PATIENCE)
    assert len(days(page)) == 1


def test_the_line_is_above_the_first_message_that_is_shown(page, world):
    """Whether that is in the window or folded: after a fold it moves up, and with earlier messages again."""
    for number in range(0, WINDOW + 2, 2):
        append(world, memory_id(page), ("Human", f"question {number}"), ("AI", "answer"))
    turn_to(page)
    expect(page.locator("#memory")).to_contain_text("4 messages, last")
    first = page.locator("#log .message:has(.day) .text")
    expect(first).to_have_text("question 0")
    page.reload()
    expect(first).to_have_text("question 4")
    button(page, "Show earlier messages").click()
    expect(first).to_have_text("question 0")
    assert days(page) == ["Today"]
