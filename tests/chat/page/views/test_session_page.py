"""The page of a session, for visitors and for staff."""

from __future__ import annotations

from tests.chat.page.views.sessions import memory_id_on, remember, remember_own
from tests.support.hostile_markdown import wide_tables
from tests.support.html import parse
from tests.support.staff import signed_in


def test_a_session_shows_its_window(site, visitor):
    """Remembered messages are on the page before any socket opens, and their markup is escaped."""
    memory_id = memory_id_on(parse(visitor.get("/s/trip").text))
    remember(site, memory_id, "<b>hi</b> im bob", "Hello **Bob**")
    page = parse(visitor.get("/s/trip").text)
    window = page.all("ol", id="window")[0]
    assert [text.text for text in window.all(of="text")] == ["<b>hi</b> im bob", "Hello Bob"]
    assert window.all("b") == []


def test_a_session_shows_what_its_next_prompt_has(site, visitor):
    """By part and tokens, before any turn; an empty session has nothing to show yet."""
    empty = parse(visitor.get("/s/trip").text)
    assert empty.all(id="prompt")[0].text == ""
    remember(site, memory_id_on(empty), "x" * 600, "y" * 300)
    prompt = parse(visitor.get("/s/trip").text).all(id="prompt")[0].text
    assert "Tokens of the next prompt" in prompt
    assert "Window 316" in prompt


def test_a_page_of_hostile_replies_is_bounded(site, visitor):
    """Replies that are too much Markdown are shown as they were written; the others are formatted."""
    memory_id = memory_id_on(parse(visitor.get("/s/hostile").text))
    hostile = wide_tables(15_000).strip()
    remember(site, memory_id, *["hi", hostile] * 4, "hi", "Hello **Bob**")
    answer = visitor.get("/s/hostile").text
    assert len(answer) < 2 * 4 * len(hostile)
    texts = parse(answer).all("ol", id="window")[0].all(of="text")
    assert [text.text for text in texts[-3:]] == [hostile, "hi", "Hello Bob"]


def test_staff_see_the_title_of_any_session(site, visitor):
    """Its first words; a session that is not listed is called a session, not a new one."""
    remember_own(site, visitor, "madrid")
    remember(site, "foreign", "bees in Sintra")
    owner = parse(visitor.get("/").text).all("body")[0].attributes["data-owner"]
    titles = {f"{owner}.madrid": "madrid", "foreign": "bees in Sintra", "unknown": "Session"}
    with signed_in(site, "viewer") as staff:
        for memory_id, title in titles.items():
            page = parse(staff.get("/any", params={"id": memory_id}).text)
            assert (memory_id, page.all("h1")[0].text) == (memory_id, title)
