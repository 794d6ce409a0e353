"""The dialog with the links to sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.safestring import SafeString

from chat.domain.details import SessionListing
from chat.domain.session_ids import Session
from chat.grants.shares import Share
from chat.page import names
from chat.page.fragments.session_list import title_in
from chat.page.fragments.swaps import render, swap


def share_dialog(session: Session | None, links: Sequence[Share], listings: Sequence[SessionListing]) -> SafeString:
    """The dialog, closed, with the links to ``session`` or (None) to all sessions. Its script opens it."""
    return render("_share.html", **_context(session, links, listings))


def share_contents(
    session: Session | None,
    links: Sequence[Share],
    listings: Sequence[SessionListing],
    address: str | None = None,
) -> SafeString:
    """What is in it. ``address``: that of a new link, which is shown only now."""
    return render("_share_contents.html", address=address, **_context(session, links, listings))


def share_notice(sentence: str) -> SafeString:
    """A sentence in the dialog."""
    return swap(names.SHARE_NOTICE, "textContent", sentence)


def _context(session: Session | None, links: Sequence[Share], listings: Sequence[SessionListing]) -> dict[str, Any]:
    shown = [
        (link, title_in(listings, link.session) or link.session.id, datetime.fromtimestamp(link.created, UTC))
        for link in links
    ]
    return {"session": session, "links": shown, "title": session and title_in(listings, session)}
