"""The list of sessions as HTML: titles, buttons, and its end."""

from __future__ import annotations

from datetime import UTC, datetime

from chat.domain.details import SessionListing
from chat.domain.session_ids import owned_session
from chat.page import fragments
from tests.support.html import HOSTILE, assert_harmless, parse, places

SESSION = owned_session("owner", "s")


def test_sessions_have_titles_and_the_open_one_is_marked():
    """Without a title, as on the original server, the id is shown."""
    listings = [SessionListing("owner.s", HOSTILE), SessionListing("owner.other")]
    html = fragments.joined(*fragments.sessions(listings, SESSION))
    assert_harmless(html, partials=2)
    here, there = parse(html).all("a")
    assert (here.text, here.attributes["aria-current"]) == (HOSTILE, "page")
    assert (there.text, there.attributes["href"]) == ("other", "/s/other")
    assert "aria-current" not in there.attributes
    assert places([html])["#title"].text == HOSTILE


def test_a_deleted_session_loses_its_title():
    """A session that is merely further down the list keeps it."""
    assert places(fragments.sessions([], SESSION, empty=True))["#title"].text == "New session"
    assert "#title" not in places(fragments.sessions([], SESSION))
    assert "#title" not in places(fragments.sessions([], None, empty=True))


def test_an_expanded_list_is_not_collapsed():
    """Only a list of one page is replaced; a longer one reloads itself."""
    assert next(iter(places(fragments.sessions([], None)))) == "#sessions:not(:has(#unfolded))"
    listings = [SessionListing(f"owner.{n}") for n in range(fragments.SESSIONS_A_PAGE * 2 + 1)]
    page = parse(fragments.session_items(listings, None, 2))
    assert page.all("li", id="unfolded")[0].attributes["hx-get"] == "/sessions?page=2"
    assert page.all("button", of="wide")[0].attributes["hx-get"] == "/sessions?page=3"


def test_a_list_ends_at_the_memory_servers_limit():
    """The last page has no button, and says how many sessions are listed."""
    pages = fragments.MOST_PAGES
    listings = [SessionListing(f"owner.{n}") for n in range(fragments.SESSIONS_A_PAGE * pages)]
    page = parse(fragments.session_items(listings, None, pages))
    assert page.all("button", of="wide") == []
    assert "The newest 1000 are listed." in page.text


def test_every_session_has_its_own_buttons():
    """And a button for its menu. Their labels name the session for screen readers."""
    buttons = parse(fragments.session_items([SessionListing("owner.s", "Trip")], None)).all("button")
    assert [button.attributes["aria-label"] for button in buttons] == ["Delete Trip", "Actions for Trip"]


def test_an_empty_list_says_so():
    """A list without sessions is not an empty column."""
    assert parse(fragments.session_items([], None)).text == "No sessions yet."


def test_a_session_shows_its_labels_its_pin_and_its_time():
    """Labels are text; the time is for the heading above the session."""
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    html = fragments.session_items([SessionListing("owner.s", "Trip", 2, at, at, True, (HOSTILE, "travel"))], None)
    assert_harmless(html, partials=0)
    (item,) = parse(html).all("li")
    assert (item.attributes["data-at"], item.attributes["data-pinned"]) == ("2026-01-02T03:04:00+00:00", "")
    assert [label.text for label in item.all(of="label")] == [HOSTILE, "travel"]
    assert item.all("button", of="cross")[1].attributes["data-menu"] == ""


def test_what_the_original_cannot_do_is_said():
    """It lists nothing but ids."""
    (menu,) = parse(fragments.session_items([SessionListing("owner.s")], None)).all(
        "button", popovertarget="session-menu"
    )
    assert menu.attributes["data-menu"].startswith("This memory server cannot do that")
