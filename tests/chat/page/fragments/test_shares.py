"""The dialog with the links to sessions."""

from __future__ import annotations

from chat.domain.details import SessionListing
from chat.domain.session_ids import owned_session
from chat.grants.shares import Share
from chat.page.fragments import share_contents, share_dialog, share_notice
from tests.support.html import HOSTILE, parse

TRIP = owned_session("bob", "trip")
LINK = Share("0123456789abcdef", "bob", TRIP.memory_id, "e1", 86_400.0)
LISTED = [SessionListing(TRIP.memory_id, HOSTILE)]


def test_the_links_to_a_session_can_be_revoked() -> None:
    """Each is named by its day; the session's title is text."""
    (dialog,) = parse(share_dialog(TRIP, [LINK], LISTED)).all("dialog")
    assert HOSTILE in dialog.text
    assert "2 Jan, 00:00 UTC" in " ".join(dialog.text.split())
    addresses = [button.attributes.get("hx-post") for button in dialog.all("button")]
    assert addresses == [None, "/s/trip/share", "/shares/0123456789abcdef/revoke"]


def test_the_links_to_all_sessions_have_their_titles() -> None:
    """One whose session is gone has its id."""
    (dialog,) = parse(share_dialog(None, [LINK], [])).all("dialog")
    assert "trip" in dialog.text
    assert "Shared links" in dialog.text
    assert [button.attributes.get("hx-post") for button in dialog.all("button")][1:] == [
        "/shares/0123456789abcdef/revoke"
    ]


def test_a_new_link_is_shown_to_be_copied() -> None:
    """Instead of the button that makes another."""
    contents = parse(share_contents(TRIP, [LINK], LISTED, "https://chat.example.org/shared/x"))
    assert contents.all("code", id="share-address")[0].text == "https://chat.example.org/shared/x"
    assert contents.all("button", id="share-create") == []
    assert parse(share_contents(TRIP, [], LISTED)).all("button", id="share-create")


def test_a_notice_goes_into_the_dialog() -> None:
    """As text."""
    assert "<script" not in share_notice(HOSTILE)
