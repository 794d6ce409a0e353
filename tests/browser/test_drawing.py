"""How messages look: growing and whole, in any direction of writing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import live, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


def test_code_is_code_while_it_grows(page, world):
    """In a box of its own from its first line, without its fences, and as long as it grows."""
    gate = Gate()
    pieces = ["See:\n```py\nx", " = 1\n", "y = 2\n``", "`\n\nThe end."]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=3), when=asked_to_chat)
    send(page, "code")
    expect(live(page).locator(".blocks pre code")).to_have_text("x = 1\ny = 2\n", use_inner_text=True)
    expect(live(page).locator(".reply .text")).to_have_text(re.compile(r"^See:\s*x = 1\s*y = 2\s*$"))
    gate.release()
    expect(window(page).last.locator("pre code")).to_have_text("x = 1\ny = 2\n", use_inner_text=True)
    expect(window(page).last.locator("p").last).to_have_text("The end.")


def test_what_has_been_drawn_is_not_drawn_otherwise_in_the_end(page, world):
    """Items, code and formulas, whose pieces came one by one."""
    gate = Gate()
    whole = "Two:\n\n1. **one**\n\n2. two\n   - a\n\n3. three\n\n- [x] b\n- c $x^2$\n\n```\nd\n\ne\n```\n\nhttps://example.org/\n\n"
    pieces = [*(whole[at : at + 3] for at in range(0, len(whole), 3)), "The end"]
    world.model.enqueue(Reply([*pieces, "."], gate=gate, gate_at=len(pieces)), when=asked_to_chat)
    send(page, "draw")
    expect(live(page).locator(".tail")).to_have_text("The end")
    blocks = live(page).locator(".blocks").inner_html()
    gate.release()
    expect(window(page).last).to_contain_text("The end.")
    assert window(page).last.inner_html() == f"{blocks}<p>The end.</p>\n"
