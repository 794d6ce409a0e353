"""What a reader does in a growing reply stays: what they selected, and what they scrolled sideways."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.browser.acts import live, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


SELECTED = "getSelection().toString()"


#: Selects the words from the first to the last of two, in the last message of the growing turn.
SELECT = """([first, last]) => {
    const text = [...document.querySelectorAll("#live .message .text")].at(-1);
    const point = (word, behind) => {
        const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(word);
            if (at >= 0) return [walker.currentNode, at + (behind ? word.length : 0)];
        }
    };
    getSelection().setBaseAndExtent(...point(first, false), ...point(last, true));
}"""


def box_of(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box
    return box


@pytest.mark.parametrize(
    ("last", "selected"),
    [
        ("three", "two\\s+three"),
        ("seven", "two\\s+three\\s+f.*five\\s+six seven"),
        ("six", "two\\s+three\\s+f.*five\\s+six"),
    ],
)
def test_a_selection_survives_the_end_of_the_answer(page, world, last, selected):
    """In what was formatted, and in what was still plain; when that is formatted, and when the turn is remembered."""
    gate = Gate()
    pieces = ["One **two**\n\n- three\n- four `f`\n\n", "five **six** seven", " eight\n\nnine", "."]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "count")
    expect(live(page).locator(".tail")).to_have_text("five **six** seven")
    page.evaluate(SELECT, ["two", last])
    gate.release()
    expect(live(page)).to_have_text("")
    assert re.fullmatch(selected, page.evaluate(SELECTED).strip(), re.DOTALL)
    assert page.evaluate("getSelection().anchorNode.parentElement.closest('#window') !== null")


def test_a_selection_that_is_being_made_goes_on(page, world):
    """The answer ends while the mouse button is pressed."""
    gate = Gate()
    world.model.enqueue(Reply(["One two three four", " five."], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "count")
    reply = live(page).locator(".reply .tail")
    expect(reply).to_have_text("One two three four")
    place = box_of(reply)
    middle = place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + 2, middle)
    page.mouse.down()
    page.mouse.move(place["x"] + 60, middle, steps=4)
    assert page.evaluate(SELECTED).startswith("One")
    gate.release()
    expect(live(page)).to_have_text("")
    assert page.evaluate(SELECTED).startswith("One")
    now = box_of(window(page).last)
    page.mouse.move(now["x"] + 300, now["y"] + now["height"] / 2, steps=4)
    page.mouse.up()
    assert page.evaluate(SELECTED) == "One two three four five."


def test_code_stays_where_it_was_scrolled(page, world):
    """When the answer ends."""
    gate = Gate()
    pieces = [f"```\n{'wide ' * 200}\n```\n\n", "The ", "end."]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "code")
    expect(live(page).locator(".tail")).to_have_text("The")
    live(page).locator("pre").evaluate("element => { element.scrollLeft = 150 }")
    gate.release()
    expect(live(page)).to_have_text("")
    assert page.locator("#window pre").evaluate("element => element.scrollLeft") == 150
