"""The list of sessions at the left, and the title of the one that is open."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.safestring import SafeString

from chat.domain.messages import SessionListing
from chat.domain.session_ids import Session, any_session
from chat.page import names
from chat.page.fragments.swaps import render, swap

#: Sessions that the list at the left grows by, and how often: a memory server lists a thousand at a time.
SESSIONS_A_PAGE, MOST_PAGES = 50, 20
#: The title of a session in which nothing has been said.
NEW_SESSION = "New session"


def sessions(
    listings: Sequence[SessionListing], current: Session | None, *, empty: bool = False
) -> Sequence[SafeString]:
    """The list at the left, and the title of the ``current`` session; ``empty``: nothing is remembered of it.

    A list of which more was unfolded is left alone: it is asked for anew, as far as it was unfolded.
    """
    swaps = [swap(f"{names.SESSIONS}:not(:has({names.UNFOLDED}))", "innerMorph", session_items(listings, current))]
    title = title_in(listings, current) if current else None
    if title or (current and empty):
        swaps.append(swap(names.TITLE, "textContent", title or NEW_SESSION))
    return swaps


def session_items(listings: Sequence[SessionListing], current: Session | None, pages: int = 1) -> SafeString:
    """List items, one a session: the newest ``pages`` pages of them, and a button that unfolds another."""
    items = [(any_session(listing.memory_id), listing) for listing in listings]
    full = len(listings) == SESSIONS_A_PAGE * pages
    more = {"next_page": pages + 1 if full and pages < MOST_PAGES else None, "most": full and len(listings)}
    root = reverse("chat:session", args=["_"]).removesuffix("_")  # once: it is slow
    return render("_sessions.html", items=items, current=current, pages=pages, root=root, **more)


def title_in(listings: Sequence[SessionListing], session: Session) -> str | None:
    """The session's title, if it is listed and the memory server knows it."""
    return next((listing.title for listing in listings if listing.memory_id == session.memory_id), None)
