"""The page in German: chosen, kept, drawn by workers for pages of several languages, and without a word of English."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from scripts.catalogues import read_catalogue
from tests.browser.acts import box, button, notice, outage, say, send
from tests.browser.test_sessions import fold
from tests.support.servers import REPOSITORY

pytestmark = pytest.mark.browser

CATALOGUES = (REPOSITORY / "locale" / "de" / "LC_MESSAGES").glob("*.mo")
PLACE = re.compile(r"%\\\(\w+\\\)\w|\\\{\w*(?::,)?\\\}|\\\{\w+!r\\\}")
#: What is on the page: its text, less what people and models have written, and what is read out or shown beside it.
SHOWN = """() => {
    const written = ".message .text, .summary, textarea, code, bdi, option, #title, .row a, .sent-parts .plain, .lead";
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
        if (element.matches("script, style")) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt"])
            if (element.getAttribute(name)) found.push(element.getAttribute(name));
        if (element.closest(written)) continue;
        for (const node of element.childNodes)
            if (node.nodeType === Node.TEXT_NODE && node.data.trim())
                found.push(node.data.trim().replace(/\\s+/g, " "));
    }
    return found;
}"""


def english() -> re.Pattern[str]:
    """Any sentence of the code that is another one in German."""
    texts = [
        sentence.rpartition("\x04")[2]
        for path in CATALOGUES
        for sentence, forms in read_catalogue(path).items()
        if sentence.rpartition("\x04")[2] not in forms and "<" not in sentence
    ]
    shapes = (PLACE.sub(".+", re.escape(text)) for text in texts if re.search(r"[a-z]{3}", PLACE.sub("", text)))
    return re.compile("|".join(sorted(shapes, key=len, reverse=True)))


ENGLISH = english()


def left(page: Page) -> list[str]:
    """What is still English on the page."""
    return [text for text in page.evaluate(SHOWN) if ENGLISH.fullmatch(text)]


@pytest.fixture
def german(open_page: Callable[..., Page]) -> Page:
    """A page in a browser that asks for German."""
    return open_page(locale="de-AT")


def test_a_choice_is_kept(page):
    """The page comes back in German, with the draft; so do the socket's answers, days, and every later page."""
    say(page, "hello")
    assert left(page)
    box(page).fill("half a thought")
    page.get_by_label("Language").select_option("de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(box(page)).to_have_value("half a thought")
    expect(page.locator(".day").first).to_have_attribute("aria-label", "Heute")
    say(page, "again")
    expect(page.locator("#status")).to_contain_text("Die Antwort ist vollständig.")
    page.goto("/")
    expect(page.get_by_role("heading", name="Dieser Chat erinnert sich")).to_be_visible()
    page.keyboard.press("Control+K")
    page.locator("#palette-text").type("english")
    expect(page.locator("#palette").get_by_role("option")).to_have_text(re.compile("Sprache: English"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This chat remembers you")).to_be_visible()


def test_a_page_stays_in_its_language(page):
    """Whatever is chosen in another tab, its fragments and errors are in that of the page."""
    other = page.context.new_page()
    other.goto("/")
    other.get_by_label("Language").select_option("de")
    expect(other.locator("html")).to_have_attribute("lang", "de")
    say(page, "hello")
    expect(page.locator("#status")).to_contain_text("The answer is complete.")
    page.locator("#new").click()
    expect(page.get_by_role("heading", name="This chat remembers you")).to_be_visible()
    send(other, " ")
    expect(notice(other)).to_have_text("Die Nachricht ist leer. Erst etwas schreiben.")


def test_nothing_is_left_in_english(german, world):
    """On the first visit, after a fold, and in everything that can be opened."""
    assert left(german) == []
    fold(german, world, "Er zählt.")
    assert left(german) == []
    for name in ("Versionen", "Anweisungen"):
        german.locator("#verbs").get_by_role("button", name=name).click()
        expect(german.locator("#pane :is(h3)").first).to_be_visible()
        assert left(german) == [], name
    german.locator("#edit-summary").click()
    expect(german.locator("#summary-form")).to_be_visible()
    assert left(german) == []
    german.get_by_role("button", name="Abbrechen").click()
    for name in ("Aktionen für message 0", "Tastenkürzel", "Sitzungen importieren"):
        button(german, name).first.click()
        expect(german.locator("dialog[open], :popover-open").first).to_be_visible()
        assert left(german) == [], name
        german.keyboard.press("Escape")
    german.keyboard.press("Control+K")
    expect(german.get_by_role("dialog")).to_be_visible()
    assert left(german) == []
    german.keyboard.press("Escape")
    german.locator("#prompt [data-see]").click()
    expect(german.locator("#seen-prompt li").first).to_be_visible()
    assert left(german) == []


def test_an_outage_is_said_in_german(german, world):
    """Above the messages, beside the box, and where the turn failed."""
    say(german, "hello")
    world.memory.stop()
    send(german, "lost")
    expect(german.locator("#live .trouble")).to_contain_text("Das Gedächtnis ist nicht erreichbar.")
    assert left(german) == []
    german.reload()
    expect(outage(german)).to_contain_text("Das Gedächtnis ist nicht erreichbar.")
    assert left(german) == []
    world.memory.start()
    expect(outage(german)).to_be_empty()
