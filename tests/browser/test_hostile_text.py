"""Twenty texts that are scripts, wherever somebody else's words are shown: none runs, and no policy is broken.

`open_page` fails a test whose page broke its own policy, as a script would that was only stopped by it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.acts import button, live, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.hostile_text import PAYLOADS, assert_nothing_ran
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


def export_of(payloads: Sequence[str]) -> bytes:
    """A file with a session for each of them, in all of whose texts it is."""
    sessions = [
        {
            "id": f"s{number}",
            "title": payload,
            "labels": [payload[:40]],
            "instructions": payload,
            "summary": {"text": payload, "through": "1"},
            "messages": [
                {"id": "1", "role": "Human", "text": "folded"},
                {"id": "2", "role": "Human", "text": payload},
                {"id": "3", "role": "AI", "text": payload},
            ],
        }
        for number, payload in enumerate(payloads)
    ]
    return json.dumps({"format": "motorhead-chat", "version": 1, "sessions": sessions}).encode()


def shown(text: str) -> str:
    """A text as an element shows it in one line."""
    return " ".join(text.split())


def test_nothing_runs_while_it_is_said(page, world):
    """In a user's message, and in a reply that arrives in pieces; in the prompt, and in the list of sessions."""
    pieces = [payload[at : at + 7] for payload in PAYLOADS for at in range(0, len(payload), 7)]
    gate = Gate()
    world.model.enqueue(Reply([*pieces, "\n\nThe end."], gate=gate, gate_at=len(pieces) // 2), when=asked_to_chat)
    send(page, "\n".join(PAYLOADS))
    expect(live(page).locator(".reply .text")).to_contain_text("onerror")
    assert_nothing_ran(page)
    gate.release()
    expect(window(page).last).to_contain_text("The end.")
    assert_nothing_ran(page)
    page.locator("#window").get_by_role("button", name="What the model saw").click()
    expect(page.locator("#seen-prompt")).to_contain_text("window.ran = 1")
    assert_nothing_ran(page)
    page.reload()
    expect(window(page).last).to_contain_text("The end.")
    assert_nothing_ran(page)


@pytest.mark.parametrize("payloads", [PAYLOADS[:10], PAYLOADS[10:]], ids=["first half", "second half"])
def test_nothing_runs_that_is_remembered(page, payloads):
    """In all texts of a session, versions, results and the palette, from an imported file."""
    button(page, "Import sessions").click()
    file = FilePayload(name="x.json", mimeType="application/json", buffer=export_of(payloads))
    page.locator("#import-files").set_input_files(file)
    expect(page.locator("#import-report")).to_contain_text(f"Imported: {len(payloads)} sessions")
    page.keyboard.press("Escape")
    expect(page.locator("#sessions li > .row")).to_have_count(len(payloads))
    assert_nothing_ran(page)
    addresses = page.locator("#sessions .row a").evaluate_all("(links) => links.map(({ href }) => href)")
    for address in addresses:
        look_through(page, address)
    page.get_by_label("Search your messages").fill("window")
    expect(page.locator("#found mark").first).to_be_visible()
    assert_nothing_ran(page)
    page.keyboard.press("Control+K")
    expect(page.locator("#palette-list [role=option]").first).to_be_visible()
    assert_nothing_ran(page)


def look_through(page: Page, address: str) -> None:
    """Open a session, and all that can be opened in it."""
    page.goto(address)
    title = page.locator("#title").inner_text()
    payload = next(one for one in PAYLOADS if shown(one).startswith(shown(title)[:20]))
    assert page.locator("#summary .summary").inner_text() == payload
    assert page.locator("#window .human .text").inner_text() == payload
    button(page, "Versions").click()
    page.locator("#pane li summary").first.click()
    expect(page.locator("#pane .comparison").first).to_be_visible()
    assert_nothing_ran(page)
    button(page, "Instructions").click()
    expect(page.get_by_label("Instructions for the summary")).to_have_value(payload)
    assert_nothing_ran(page)
