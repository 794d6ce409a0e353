"""A session with the list beside it, as visitors and staff see it."""

from __future__ import annotations

from tests.chat.page.views.sessions import memory_id_on, remember, remember_own
from tests.support.html import parse
from tests.support.staff import signed_in


def test_a_session_shows_its_window(site, visitor):
    """What the memory server has is on the page before any socket opens, and cannot break out of it."""
    memory_id = memory_id_on(parse(visitor.get("/s/trip").text))
    remember(site, memory_id, "<b>hi</b> im bob", "Hello **Bob**")
    page = parse(visitor.get("/s/trip").text)
    window = page.all("ol", id="window")[0]
    assert [text.text for text in window.all(of="text")] == ["<b>hi</b> im bob", "Hello Bob"]
    assert window.all("b") == []


def test_staff_read_a_session_under_its_own_title(site, visitor):
    """A visitor's and a foreign client's by its first words; where no list tells them it is a session, no new one."""
    remember_own(site, visitor, "madrid")
    remember(site, "foreign", "bees in Sintra")
    owner = parse(visitor.get("/").text).all("body")[0].attributes["data-owner"]
    titles = {f"{owner}.madrid": "madrid", "foreign": "bees in Sintra", "unknown": "Session"}
    with signed_in(site, "viewer") as staff:
        for memory_id, title in titles.items():
            page = parse(staff.get("/any", params={"id": memory_id}).text)
            assert (memory_id, page.all("h1")[0].text) == (memory_id, title)
