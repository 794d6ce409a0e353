"""Copying a message, all of it, and leaving everything else as it was."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import append, box, button, live, memory_id, notice, say, send, turn_to, window
from tests.browser.conftest import asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


LONG = ("# Long\n\n**word** \t`x`\n\n" * 6_000) + "the end \n"


@pytest.fixture
def clipboard(open_page):
    """A page of which the clipboard may be read."""
    return open_page(permissions=["clipboard-read", "clipboard-write"])


def test_copy_gives_all_of_a_long_reply(clipboard, world):
    """As it was written, though the page shows only its beginning; so does *Show all*."""
    page = clipboard
    append(world, memory_id(page), ("Human", "much"), ("AI", LONG))
    turn_to(page)
    expect(page.locator("#window").get_by_text("more characters are not shown here")).to_have_count(1)
    button(page, "Copy").last.click()
    expect(button(page, "Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == LONG
    button(page, "Show all").click()
    expect(window(page).last).to_contain_text("the end")
    assert window(page).last.evaluate("element => element.textContent") == LONG
    expect(button(page, "Show all")).to_have_count(0)
    expect(button(page, "Copy")).to_have_count(2)
    button(page, "Copy").last.click()
    expect(button(page, "Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == LONG


def test_copying_twice_leaves_the_button_as_it_was(clipboard):
    """It says *Copied* only for a while."""
    say(clipboard, "hello")
    copy = clipboard.locator("#window .reply [data-copy]")
    copy.click()
    copy.click()
    expect(copy).to_have_text("Copied")
    expect(copy).to_have_text("Copy")
    assert clipboard.evaluate("navigator.clipboard.readText()") == "You said: hello"


def test_what_cannot_be_fetched_is_not_copied(clipboard, world):
    """A sentence says so, and nothing incomplete is in the clipboard."""
    page = clipboard
    append(world, memory_id(page), ("Human", "much"), ("AI", LONG))
    turn_to(page)
    page.evaluate("navigator.clipboard.writeText('before')")
    page.route("**/messages/*", lambda route: route.abort())
    button(page, "Copy").last.click()
    expect(notice(page)).to_contain_text("This was not copied.")
    button(page, "Show all").click()
    expect(notice(page)).to_contain_text("The whole message cannot be shown now.")
    assert page.evaluate("navigator.clipboard.readText()") == "before"


PLAIN_HTTP = "delete Navigator.prototype.clipboard"


COPIED = """
    window.copied = [];
    document.addEventListener("copy", () => window.copied.push(document.activeElement.value));
"""


SELECTED = "getSelection().toString()"


def test_on_plain_http_copying_leaves_focus_and_selection_alone(open_page):
    """There the text is selected in a field for a moment."""
    page = open_page()
    page.add_init_script(PLAIN_HTTP + COPIED)
    page.reload()
    say(page, "hello")
    page.evaluate("""() => {
        const text = document.querySelector("#window .human .text").firstChild;
        getSelection().setBaseAndExtent(text, 4, text, 1);
    }""")
    copy = page.locator("#window .reply [data-copy]")
    copy.press("Enter")
    expect(copy).to_have_text("Copied")
    expect(copy).to_be_focused()
    assert page.evaluate("window.copied") == ["You said: hello"]
    assert page.evaluate(SELECTED) == "ell"
    assert page.evaluate("[getSelection().anchorOffset, getSelection().focusOffset]") == [4, 1]
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


CODE = 'Run:\n\n```py\n\tif a < 1:\n\n        print("&amp;")  # é 🎸\n```\n\nand\n\n    indented\n'


def test_the_code_of_a_reply_is_copied_exactly(clipboard, world):
    """With the mouse or the keyboard, by a button that is in no text; the reply's own button gives the whole reply."""
    page = clipboard
    append(world, memory_id(page), ("Human", "code"), ("AI", CODE))
    turn_to(page)
    reply = page.locator("#window .reply")
    copy = reply.get_by_role("button", name="Copy the code")
    expect(copy).to_have_count(2)
    assert reply.locator(".text").evaluate("element => element.textContent.includes('Copy')") is False
    copy.last.click()
    expect(button(page, "Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == "indented"
    place = copy.first.bounding_box()
    copy.first.focus()
    page.keyboard.press("Enter")
    expect(reply.locator("button[data-copied]").first).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()") == '\tif a < 1:\n\n        print("&amp;")  # é 🎸'
    expect(button(page, "Copied")).to_have_count(0)
    assert copy.first.bounding_box() == place
    reply.get_by_role("button", name="Copy", exact=True).click()
    expect(button(page, "Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == CODE


def test_on_plain_http_every_blank_is_copied(open_page, world):
    """What is pasted is indented as it was, and blank lines and blanks at the end of lines are in it."""
    page = open_page()
    page.add_init_script(PLAIN_HTTP)
    page.reload()
    written = CODE.replace("Run:", "Run:  ")
    append(world, memory_id(page), ("Human", "code"), ("AI", written))
    turn_to(page)
    reply = page.locator("#window .reply")
    code, whole = reply.get_by_role("button", name="Copy the code").first, reply.locator(".under [data-copy]")
    for copy, text in ((code, '\tif a < 1:\n\n        print("&amp;")  # é 🎸'), (whole, written)):
        copy.click()
        expect(button(page, "Copied")).to_have_count(1)
        box(page).fill("")
        box(page).press("Control+v")
        expect(box(page)).to_have_value(text)
        expect(button(page, "Copied")).to_have_count(0)


def test_code_is_copied_while_the_answer_goes_on(open_page, world):
    """On plain http, too: the button works, keeps the focus, and the colours come when the fence is closed."""
    page = open_page()
    page.add_init_script(PLAIN_HTTP + COPIED)
    page.reload()
    gate = Gate()
    pieces = ["See:\n```py\nreturn", " 1\n", "x\n```\n", "\nmore", "."]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "code")
    code = live(page).locator(".code")
    expect(code).to_have_attribute("data-language", "Python")
    expect(code.locator("code")).to_have_text("return 1\n", use_inner_text=True)
    expect(code.locator("span")).to_have_count(0)
    copy = code.get_by_role("button")
    copy.focus()
    gate.release()
    expect(window(page).last.locator(".code span.k")).to_have_text("return")
    page.locator("#window .code button").press("Enter")
    expect(button(page, "Copied")).to_have_count(1)
    assert page.evaluate("window.copied") == ["return 1\nx"]
