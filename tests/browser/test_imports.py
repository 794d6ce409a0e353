"""Importing sessions in the page's dialog."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import button, window
from tests.chat.sessions.chatgpt_export import conversation, file_of, said
from tests.support.html import HOSTILE

pytestmark = pytest.mark.browser

#: An export in which every text is hostile.
OWN = {
    "format": "motorhead-chat", "version": 1,
    "sessions": [
        {
            "id": HOSTILE, "title": HOSTILE, "labels": [HOSTILE[:40]], "instructions": HOSTILE,
            "summary": {"text": HOSTILE, "through": "1"},
            "messages": [{"id": "1", "role": HOSTILE, "text": "folded"}, {"id": "2", "role": "AI", "text": HOSTILE}],
        },
        {"title": f"No {HOSTILE}", "messages": [{"role": "AI", "text": "x" * 2_200_000}]},
    ],
}  # fmt: skip


def file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/json", "buffer": content}


def open_dialog(page: Page) -> None:
    button(page, "Import sessions").click()
    expect(page.get_by_role("dialog", name="Import sessions")).to_be_visible()


def choose(page: Page, *files: Any) -> None:
    page.locator("#import-files").set_input_files(list(files))


def test_a_file_is_imported_and_listed(page: Page) -> None:
    """By keyboard and without leaving the page; the same file again adds nothing. Escape closes the dialog."""
    trip = file("conversations.json", file_of(conversation(said("user", "Is Madrid nice?"), said("assistant", "Yes."))))
    address = page.url
    open_dialog(page)
    choose(page, trip)
    report = page.locator("#import-report li")
    expect(report).to_have_text(["Imported: 1 session with 2 messages."])
    choose(page, trip, file("other.json", b"hello"))
    expect(report).to_contain_text(
        [
            "conversations.json",
            "1 session was here already.",
            "other.json",
            "The file is neither an export of this site",
        ]
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == address
    page.locator("#sessions a", has_text="A trip").click()
    expect(window(page)).to_have_text(["Is Madrid nice?", "Yes."])


def test_a_request_that_is_refused_says_why(page: Page) -> None:
    """As anywhere else on the page, rather than that the file may be chosen again."""
    open_dialog(page)
    for cookie, reason in (("owner", "a visit that is over"), ("csrftoken", "without the token that every page")):
        page.context.clear_cookies(name=re.compile(f"{cookie}$"))
        choose(page, file("other.json", b"hello"))
        expect(page.locator("#import-report li")).to_contain_text([reason])


def test_nothing_in_a_file_is_markup(page: Page) -> None:
    """Neither in the report nor on the page of the imported session."""
    open_dialog(page)
    choose(page, file("export.json", json.dumps(OWN).encode()))
    expect(page.locator("#import-report")).to_contain_text(f"Not imported: “No {HOSTILE[:20]}")
    page.keyboard.press("Escape")
    page.locator("#sessions a").first.click()
    expect(page.locator("#title")).to_have_text(HOSTILE)
    expect(page.locator("#summary .summary")).to_have_text(HOSTILE)
    expect(page.locator("#fold-mark")).to_contain_text("folded")
    assert page.evaluate("window.hacked") is None
