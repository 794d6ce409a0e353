"""The scroll position: a reader further up is not moved, and a reader at the end stays there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from chat.page.bubbles import MOST_SHOWN
from tests.browser.acts import HIDE, SHOW, append, box, button, live, memory_id, send, shown_again, turn_to, window
from tests.browser.conftest import WINDOW, World, asked_to_chat
from tests.support.cookies import owner_of
from tests.support.scripted_openai import Gate, Reply
from tests.support.turns_of_a_test import wait_until_idle

pytestmark = pytest.mark.browser

#: A paragraph of several lines; an answer of many, in which the seventh is higher than the screen.
LINES = "Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod tempor invidunt. " * 8
ANSWER = [f"Paragraph {number}. {LINES * (6 if number == 7 else 1)}\n\n" for number in range(12)]


@pytest.fixture(autouse=True)
def short_summaries(world: World) -> Iterator[None]:
    """Let folds succeed: a summary that repeats the long messages would be refused."""
    usual, world.model.default = world.model.default, lambda asked: usual(asked) if asked_to_chat(asked) else "Latin."
    yield
    world.model.default = usual


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    """A tab of a new visitor on a wide and on a narrow screen, without a session yet."""
    width, height = request.param
    return open_page("/favicon.ico", viewport={"width": width, "height": height})


def remember(world: World, session: str, count: int) -> None:
    """Append long messages to the session, elsewhere."""
    owner = session.split(".")[0]
    for number in range(0, count, 2):
        pair = [
            {"role": "Human", "content": f"Question {number}. {LINES}"},
            {"role": "AI", "content": f"Answer {number}. {LINES}\n\nSecond paragraph of {number}. {LINES}"},
        ]
        address = f"{world.memory.url}/sessions/{session}/memory?namespace=chat.{owner}"
        httpx.post(address, json={"messages": pair}, trust_env=False).raise_for_status()


def open_with(page: Page, world: World, count: int) -> None:
    """Show a session with ``count`` messages, of which the newest are in the window."""
    cookies = {cookie.get("name"): cookie.get("value", "") for cookie in page.context.cookies()}
    remember(world, f"{owner_of(cookies[world.site.cookies.owner])}.s", count)
    page.goto("/s/s")
    expect(window(page).last).to_contain_text(f"Answer {count - 2}.")
    settle(page)


def settle(page: Page) -> None:
    """Return when Chromium has laid out the page and reported every scroll."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def log(page: Page) -> Locator:
    """The scrolling box."""
    return page.locator("#log")


def scroll_to(page: Page, words: str) -> Locator:
    """Scroll until the top of the log cuts off the first line of the paragraph with these words; the paragraph."""
    paragraph = log(page).get_by_text(words)
    paragraph.evaluate("""(paragraph) => {
        const log = paragraph.closest("#log");
        log.scrollTop += paragraph.getBoundingClientRect().top - log.getBoundingClientRect().top + 20;
    }""")
    settle(page)
    return paragraph


def scroll_by_wheel(page: Page, distance: int) -> None:
    """Scroll as a user does: Chromium reports that, and what follows, at other moments than a script's scroll."""
    log(page).hover()
    before = from_end(page)
    page.mouse.wheel(0, distance)
    while from_end(page) != before - distance:
        settle(page)


def top(paragraph: Locator) -> float:
    """Where the paragraph is on the screen."""
    return float(paragraph.evaluate("(element) => element.getBoundingClientRect().top"))


def from_end(page: Page) -> float:
    """How far the log is from its end."""
    return float(log(page).evaluate("(log) => log.scrollHeight - log.scrollTop - log.clientHeight"))


def answer(page: Page, world: World, after: int, *more: str, error: str | None = None) -> Gate:
    """Begin a long answer, which pauses ``after`` that many paragraphs until the gate is released."""
    gate = Gate()
    world.model.enqueue(Reply([*ANSWER, *more], gate=gate, gate_at=after, error=error), when=asked_to_chat)
    send(page, "go on")
    expect(live(page).locator(".reply")).to_contain_text(f"Paragraph {after - 1}.")
    return gate


def expect_remembered(page: Page) -> None:
    """The answer is in the window, or has already been folded."""
    expect(log(page).locator("li").get_by_text("Paragraph 11.")).to_be_attached()
    expect(live(page)).to_have_text("")


def expect_unmoved(page: Page, paragraph: Locator, before: float) -> None:
    """The paragraph is where it was."""
    settle(page)
    assert top(paragraph) == pytest.approx(before, abs=2)


# --- the document ---------------------------------------------------------------------------------------------------


def test_the_document_is_as_high_as_the_window(page, world):
    """Neither the wheel over the edges of the page nor the End key scrolls it away."""
    open_with(page, world, 8)
    page.mouse.move(20, 20)
    page.mouse.wheel(0, 3_000)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("End")
    page.evaluate("window.scrollTo(0, 3_000)")
    settle(page)
    heights = page.evaluate("[document.documentElement.scrollHeight, document.body.scrollHeight, window.innerHeight]")
    assert len(set(heights)) == 1
    assert page.evaluate("[scrollY, document.body.scrollTop]") == [0, 0]
    expect(page.locator("#title")).to_be_in_viewport()


def test_the_document_is_as_wide_as_the_window(page):
    """Also while the bar above the messages says that the page reconnects."""
    page.goto("/")
    page.locator("#connection").evaluate("(connection) => { connection.textContent = 'Reconnecting…' }")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for shown in page.locator(".bar button:visible").all():
        place = shown.bounding_box()
        assert place["x"] + place["width"] <= page.viewport_size["width"]


def test_in_a_low_window_the_message_box_scrolls(page):
    """On a phone held sideways, a long message does not make the document higher than the window."""
    page.goto("/")
    page.set_viewport_size({"width": 844, "height": 150})
    box(page).fill("one\n" * 30)
    settle(page)
    assert page.evaluate("document.documentElement.scrollHeight") == 150
    button(page, "Send").click()
    expect(window(page).last).to_contain_text("You said: one")


# --- reading further up ---------------------------------------------------------------------------------------------


def test_earlier_messages_appear_above_what_one_reads(page, world):
    """The paragraph stays where it is, although pages of messages were added above."""
    open_with(page, world, 40)
    for _ in range(2):
        log(page).evaluate("(log) => { log.scrollTop = 0 }")
        settle(page)
        first = page.locator("#log .message .text").first
        words = first.inner_text()[:14]
        before = top(first)
        height = log(page).evaluate("(log) => log.scrollHeight")
        shown = page.locator("#earlier-list .message").count()
        button(page, "Show earlier messages").click()
        expect(page.locator("#earlier-list .message").nth(shown)).to_be_attached()
        assert log(page).evaluate("(log) => log.scrollHeight") > height + 1_000
        expect_unmoved(page, log(page).get_by_text(words), before)


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("Second paragraph of 4.", None),
        ("Paragraph 3.", None),
        ("Paragraph 7.", None),
        ("Paragraph 7.", "The model fell over."),
    ],
)
def test_the_end_of_an_answer_moves_nobody(page, world, where, error):
    """Neither in an older message nor in the answer itself, in its formatted part or its tail."""
    open_with(page, world, 6)
    gate = answer(page, world, 8, error=error)
    paragraph = scroll_to(page, where)
    before = top(paragraph)
    gate.release()
    expect(live(page).locator(".growing")).to_have_count(0)
    expect_unmoved(page, paragraph, before)


@pytest.mark.parametrize("folds", [False, True])
def test_the_end_of_an_answer_moves_nobody_who_has_begun_to_read_it(page, world, folds):
    """The question and the message before it can be seen, too; the fold mark may come between these."""
    open_with(page, world, WINDOW if folds else 2)
    gate = answer(page, world, 8)
    seen = [log(page).get_by_text(words) for words in (f"Second paragraph of {4 if folds else 0}.", "Paragraph 0.")]
    seen[1].evaluate("""(paragraph) => {
        const log = paragraph.closest("#log");
        log.scrollTop += paragraph.getBoundingClientRect().top - log.getBoundingClientRect().top - 250;
    }""")
    settle(page)
    before = [top(paragraph) for paragraph in seen]
    gate.release()
    expect_remembered(page)
    if folds:
        expect(page.locator("#earlier-list .message").first).to_be_attached()
    for paragraph, was in zip(seen, before, strict=True):
        expect_unmoved(page, paragraph, was)


def test_a_growing_answer_moves_nobody(page, world):
    """Its next paragraphs appear below, also in the block that grows."""
    page.goto("/")
    gate = answer(page, world, 8)
    paragraph = scroll_to(page, "Paragraph 7.")
    before = top(paragraph)
    gate.release()
    expect_remembered(page)
    expect_unmoved(page, paragraph, before)


@pytest.mark.parametrize("hidden", [False, True])
def test_an_answer_that_is_folded_at_once_moves_nobody(page, world, hidden):
    """It exceeds the window, and leaves it as soon as it is remembered, perhaps while the tab is hidden."""
    open_with(page, world, 2)
    gate = answer(page, world, 8, LINES * 20)
    paragraph = scroll_to(page, "Paragraph 3.")
    before = top(paragraph)
    if hidden:
        page.evaluate(HIDE)
    gate.release()
    if hidden:
        wait_until_idle(world.store.url)
        page.evaluate(SHOW)
    expect(page.locator("#earlier-list").get_by_text("Paragraph 11.")).to_be_attached()
    expect(live(page)).to_have_text("")
    expect_unmoved(page, paragraph, before)


def test_growing_reasoning_moves_nobody(page, world):
    """Nor does the answer that begins below it, nor its end."""
    page.goto("/")
    gate = Gate()
    thinking = ["<think>\n", LINES * 12, LINES * 3, "</think>\n\n"]
    world.model.enqueue(Reply([*thinking, *ANSWER], gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "think")
    live(page).locator(".reasoning summary").click()
    log(page).evaluate("(log) => { log.scrollTop += 200 }")
    settle(page)
    thoughts = log(page).locator(".thoughts")
    before = top(thoughts)
    height = thoughts.evaluate("(thoughts) => thoughts.scrollHeight")
    gate.release()
    expect_remembered(page)
    assert thoughts.evaluate("(thoughts) => thoughts.scrollHeight") > height
    expect_unmoved(page, thoughts, before)


def test_a_fold_moves_nobody(page, world):
    """The messages that leave the window stay where they are on the page."""
    open_with(page, world, WINDOW)
    paragraph = scroll_to(page, "Second paragraph of 2.")
    before = top(paragraph)
    folded = page.locator("#earlier-list .message")
    gate = answer(page, world, 2)
    scroll_to(page, "Second paragraph of 2.")
    gate.release()
    expect(folded.first).to_be_attached()
    expect_unmoved(page, paragraph, before)


@pytest.mark.parametrize("where", ["Second paragraph of 4.", "Paragraph 3.", "Paragraph 7."])
def test_a_tab_that_comes_back_moves_nobody(page, world, where):
    """The page is sent again, and an answer that grew meanwhile grows again."""
    open_with(page, world, 6)
    gate = answer(page, world, 8)
    paragraph = scroll_to(page, where)
    before = top(paragraph)
    with shown_again(page):
        page.evaluate(HIDE)
        page.evaluate(SHOW)
    expect(live(page).locator(".reply")).to_contain_text("Paragraph 7.")
    expect_unmoved(page, paragraph, before)
    page.evaluate(HIDE)
    gate.release()
    wait_until_idle(world.store.url)
    with shown_again(page):
        page.evaluate(SHOW)
    expect_remembered(page)
    expect_unmoved(page, paragraph, before)


def test_a_fold_while_the_tab_was_hidden_moves_nobody(page, world):
    """What one reads comes back, although it has left the window."""
    open_with(page, world, WINDOW)
    paragraph = scroll_to(page, "Second paragraph of 2.")
    before = top(paragraph)
    page.evaluate(HIDE)
    remember(world, memory_id(page), 12)
    expect(page.locator("#connection")).to_have_text("Reconnecting…")
    with shown_again(page):
        page.evaluate(SHOW)
    expect(page.locator("#earlier-list .message").first).to_be_attached()
    expect(log(page).get_by_text("Second paragraph of 2.").first).to_be_attached()
    settle(page)
    assert top(log(page).get_by_text("Second paragraph of 2.").first) == pytest.approx(before, abs=2)


def test_what_changes_above_moves_nobody(page, world):
    """Such as an image that arrives late, or another font."""
    open_with(page, world, 6)
    paragraph = scroll_to(page, "Second paragraph of 2.")
    before = top(paragraph)
    page.locator("#window .message").first.evaluate("(element) => { element.style.paddingTop = '300px' }")
    expect_unmoved(page, paragraph, before)
    page.locator("#window .message").first.evaluate("(element) => { element.style.paddingTop = '0' }")
    expect_unmoved(page, paragraph, before)


#: Where the last word that is shown of a long message is on the screen.
_LAST_WORD = """(text) => {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
        const at = walker.currentNode.data.indexOf("LAST");
        if (at >= 0) range.setStart(walker.currentNode, at), range.setEnd(walker.currentNode, at + 4);
    }
    return range.getBoundingClientRect().top;
}"""


@pytest.mark.parametrize("role", ["AI", "Human"])
def test_the_whole_of_a_message_moves_nobody(page, world, role):
    """Its beginning may be higher or lower then, as it is no longer formatted; the reader goes on behind it."""
    open_with(page, world, 2)
    paragraphs = [f"**Paragraph** {number}. {LINES}" for number in range(150)]
    beginning = "\n\n".join(paragraphs)[: MOST_SHOWN - 6] + " LAST "
    append(world, memory_id(page), (role, f"{beginning}and more. {LINES * 40}"), ("AI", "Short."))
    turn_to(page)
    log(page).get_by_text("more characters are not shown here").scroll_into_view_if_needed()
    settle(page)
    text = page.locator("#window .message .text").nth(-2)
    before = text.evaluate(_LAST_WORD)
    button(page, "Show all").click()
    expect(text).to_contain_text("LAST and more.")
    settle(page)
    assert text.evaluate(_LAST_WORD) == pytest.approx(before, abs=4)


def test_a_growing_message_box_moves_nobody(page, world):
    """It takes its place from the end of the log."""
    open_with(page, world, 6)
    paragraph = scroll_to(page, "Second paragraph of 2.")
    before = top(paragraph)
    box(page).fill("one\n" * 8)
    expect_unmoved(page, paragraph, before)


@pytest.mark.parametrize("where", ["Second paragraph of 2.", "Question 4."])
def test_turning_a_phone_moves_nobody(open_page, world, where):
    """All lines are longer then, and the whole log may be shorter than what was above the paragraph."""
    page = open_page("/favicon.ico", viewport={"width": 390, "height": 844})
    open_with(page, world, 6)
    paragraph = scroll_to(page, where)
    scroll_by_wheel(page, -10)
    before = top(paragraph)
    for width, height in ((844, 390), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        expect_unmoved(page, paragraph, before)


def test_one_line_up_is_enough_to_stay(page, world):
    """A reader who has scrolled a little is not taken back to the end."""
    page.goto("/")
    gate = answer(page, world, 8)
    log(page).evaluate("(log) => { log.scrollTop -= 40 }")
    settle(page)
    paragraph = log(page).get_by_text("Paragraph 7.")
    before = top(paragraph)
    gate.release()
    expect_remembered(page)
    expect_unmoved(page, paragraph, before)


# --- at the end -----------------------------------------------------------------------------------------------------


def test_the_end_stays_in_view(page, world):
    """While an answer grows, when it ends, and when the message box and the window change their size."""
    open_with(page, world, 6)
    gate = answer(page, world, 8)
    assert from_end(page) < 2
    box(page).fill("one\n" * 8)
    settle(page)
    assert from_end(page) < 2
    gate.release()
    expect_remembered(page)
    settle(page)
    assert from_end(page) < 2
    size = page.viewport_size
    page.set_viewport_size({"width": size["width"], "height": size["height"] - 300})
    settle(page)
    assert from_end(page) < 2
    page.locator("#window .message").first.evaluate("(element) => { element.style.paddingTop = '300px' }")
    settle(page)
    assert from_end(page) < 2


def test_the_end_is_followed_again_by_who_returns_to_it(page, world):
    """Scrolling down to it is enough; so is sending a message."""
    page.goto("/")
    gate = answer(page, world, 8)
    scroll_to(page, "Paragraph 3.")
    log(page).evaluate("(log) => { log.scrollTop = log.scrollHeight }")
    settle(page)
    gate.release()
    expect_remembered(page)
    settle(page)
    assert from_end(page) < 2
    scroll_to(page, "Paragraph 3.")
    send(page, "hello")
    expect(window(page).last).to_have_text("You said: hello")
    settle(page)
    assert from_end(page) < 2


def test_what_one_unfolds_at_the_end_stays_in_view(page, world):
    """Its content appears below it; folded again, the end is followed again."""
    open_with(page, world, 6)
    page.locator("#window .reply").last.evaluate("""(message) => {
        const details = message.appendChild(document.createElement("details"));
        details.appendChild(document.createElement("summary")).textContent = "More";
        details.appendChild(document.createElement("p")).style.height = "2000px";
    }""")
    settle(page)
    summary = log(page).get_by_text("More", exact=True)
    before = top(summary)
    summary.click()
    expect_unmoved(page, summary, before)
    summary.click()
    expect_unmoved(page, summary, before)
    box(page).fill("one\n" * 8)
    settle(page)
    assert from_end(page) < 2


# --- the way to the newest message ----------------------------------------------------------------------------------


def newest(page: Page) -> Locator:
    """The button over the end of the log."""
    return page.locator("#newest")


def test_the_way_to_the_newest_message_is_shown_to_a_reader_further_up(page, world):
    """With the number of messages that came meanwhile, also of those that were remembered and folded."""
    open_with(page, world, WINDOW)
    expect(newest(page)).to_be_hidden()
    paragraph = scroll_to(page, "Answer 0.")
    expect(newest(page)).to_have_text("Newest")
    before = top(paragraph)
    append(world, memory_id(page), ("Human", "more"), ("AI", "More."))
    turn_to(page)
    expect(newest(page)).to_have_text("2 new")
    expect(newest(page)).to_have_accessible_name("Jump to the newest message, 2 new")
    expect_unmoved(page, paragraph, before)
    newest(page).click()
    settle(page)
    assert from_end(page) < 1
    expect(newest(page)).to_be_hidden()
    scroll_to(page, "Answer 4.")
    expect(newest(page)).to_have_text("Newest")


def test_a_turn_counts_once(page, world):
    """While it grows and when it is remembered; at the end of the log everything has been seen."""
    open_with(page, world, 4)
    gate = answer(page, world, 9)
    scroll_to(page, "Answer 0.")
    expect(newest(page)).to_have_text("Newest")
    gate.release()
    expect_remembered(page)
    expect(newest(page)).to_have_text("Newest")
    newest(page).press("Enter")
    expect(log(page)).to_be_focused()
    settle(page)
    assert from_end(page) < 1
    page.keyboard.press("PageUp")
    expect(newest(page)).to_be_visible()
    page.keyboard.press("End")
    expect(newest(page)).to_be_hidden()
