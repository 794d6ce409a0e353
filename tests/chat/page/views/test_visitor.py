"""A visitor's own sessions."""

from __future__ import annotations

import httpx

from tests.chat.page.views.sessions import memory_id_on, remember
from tests.support.html import parse


def test_the_first_page_is_a_new_session_of_the_visitor(visitor):
    """The home page redirects to it, and may not be cached."""
    answer = visitor.get("/")
    page = parse(answer.text)
    session_id = answer.url.path.removeprefix("/s/")
    assert memory_id_on(page).endswith(f".{session_id}")
    assert page.all("h1")[0].text == "New session"
    assert answer.headers["Cache-Control"].startswith("max-age=0")


def test_the_cookie_holds_a_name_and_a_signature(visitor):
    """There is no other cookie, and no Django session."""
    visitor.get("/")
    assert set(visitor.cookies) <= {"owner", "csrftoken"}


def test_another_visitor_has_another_session_of_the_same_name(site, visitor):
    """A session id from somebody else names an empty session."""
    remember(site, memory_id_on(parse(visitor.get("/s/same").text)), "secret", "kept")
    with httpx.Client(base_url=site.url, trust_env=False) as other:
        assert "secret" not in other.get("/s/same").text
