"""What a search has found, as HTML."""

from __future__ import annotations

from chat.domain.details import Match, MatchPage
from chat.page import fragments
from chat.page.fragments.found import pieces
from tests.support.html import HOSTILE, assert_harmless, parse


def match(
    memory_id: str, excerpt: str, *marks: tuple[int, int], where: str = "message", number: str | None = "5"
) -> Match:
    """A match in the session, in its title, or in its summary."""
    return Match(memory_id, HOSTILE, None, where, excerpt, marks, number, "AI" if number else None)


def test_matches_are_grouped_by_session_and_lead_to_their_messages():
    """The found words are marked, and nothing in a title or a text is markup."""
    page = MatchPage(
        (
            match("owner.a", HOSTILE, (1, 7), (15, 21)),
            match("owner.a", "their summary", (0, 5), where="summary", number=None),
            match("owner.b", "of bees", (3, 7), where="title", number=None),
            match("owner.b", "bees", (0, 4)),
        ),
        None,
    )
    html = fragments.found(page, "script")
    assert_harmless(html, partials=0)
    first, second = parse(html).all("li", of="found")
    assert [link.attributes["href"] for link in first.all("a")] == ["/s/a", "/s/a#message-5", "/s/a"]
    assert [mark.text for mark in first.all("mark")] == ["script", ")</scr", "their"]
    assert [kind.text for kind in first.all("small")] == ["Reply", "Summary"]
    assert first.all("a")[0].text == HOSTILE
    assert [link.text for link in second.all("a")] == ["of bees", "Reply bees"]
    assert len(second.all("mark")) == 2


def test_a_search_that_is_not_over_can_go_on():
    """The button carries the words and the cursor; without matches, a sentence says how far the search is."""
    html = fragments.found(MatchPage((), "a&b"), "x=1&y")
    assert "Nothing is found yet" in html
    (button,) = parse(html).all("button")
    assert button.attributes["hx-get"] == "/search?q=x%3D1%26y&cursor=a%26b"
    assert parse(fragments.found(MatchPage((), None), "x", more=True)).text == ""
    assert parse(fragments.found(MatchPage((), None), "x")).text == "Nothing is found in your sessions."


def test_the_text_of_a_match_is_whole():
    """Its pieces are the excerpt, with nothing empty among them."""
    assert list(pieces(match("owner.a", "bees", (0, 4)))) == [("bees", True)]
    assert list(pieces(match("owner.a", "a bee", (2, 5)))) == [("a ", False), ("bee", True)]
