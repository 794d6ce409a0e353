"""The list of sessions at the left, and the title of the open one."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from chat.domain.details import SessionListing
from chat.domain.exceptions import NotSupported
from chat.domain.sentences import Situation
from chat.domain.session_ids import Session, any_session
from chat.page import names
from chat.page.fragments.swaps import render, swap
from chat.sessions.listing import MOST
from chat.web.wording import worded

#: Sessions on a page of the list, and pages at most.
SESSIONS_A_PAGE, MOST_PAGES = 50, MOST // 50
#: The title of a session without messages.
NEW_SESSION = gettext_noop("New session")


def sessions(
    listings: Sequence[SessionListing], current: Session | None, *, empty: bool = False
) -> Sequence[SafeString]:
    """Swaps for the list at the left and the title of the ``current`` session; ``empty``: nothing is remembered of it.

    A list that was expanded by further pages is left alone: it reloads itself, with as many pages.
    """
    swaps = [swap(f"{names.SESSIONS}:not(:has({names.UNFOLDED}))", "innerMorph", session_items(listings, current))]
    title = title_in(listings, current) if current else None
    if title or (current and empty):
        swaps.append(swap(names.TITLE, "textContent", title or gettext(NEW_SESSION)))
    return swaps


def session_items(listings: Sequence[SessionListing], current: Session | None, pages: int = 1) -> SafeString:
    """List items, one per session: the first ``pages`` pages, and a button for the next page."""
    shown = listings[: SESSIONS_A_PAGE * pages]
    items = [(any_session(listing.memory_id), listing) for listing in shown]
    more = {"next_page": pages + 1 if len(listings) > len(shown) else None, "most": len(shown) >= MOST and MOST}
    cannot = worded(NotSupported(), Situation.LOOKING)
    root = session_root()  # once: it is slow
    return render("_sessions.html", items=items, current=current, pages=pages, root=root, cannot=cannot, **more)


def session_root() -> str:
    """The address of every session's page, without the session's id at its end."""
    return reverse("chat:session", args=["_"]).removesuffix("_")


def title_in(listings: Sequence[SessionListing], session: Session) -> str | None:
    """The session's title, if it is listed with one."""
    return next((listing.title for listing in listings if listing.memory_id == session.memory_id), None)
