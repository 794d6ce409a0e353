"""Calls about whole sessions: the list, details, deletion, and forks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router
from ninja.params.functions import Query

from chat.api.v1.access import Caller, caller_of
from chat.api.v1.cursors import cursor_of, place_in
from chat.api.v1.meanings import known
from chat.api.v1.parameters import Cursor, SessionId
from chat.api.v1.places import place_of
from chat.api.v1.session_shapes import ForkAt, SessionChanges, SessionDetails, SessionPage, session_details
from chat.domain.details import SessionListing
from chat.domain.exceptions import UnknownSession
from chat.domain.session_ids import Session
from chat.sessions.deletion import delete_session
from chat.sessions.details import change_details
from chat.sessions.fork import fork_session
from chat.sessions.listing import MOST, list_own

router = Router(tags=["Sessions"])

#: Where a list continues: behind the session that was pinned or not, last written to at a time (s), with this id.
Place: TypeAlias = tuple[bool, float, str]


@router.get("", response=SessionPage, url_name="sessions")
async def list_sessions(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: int = Query(50, ge=1, le=MOST),
    q: str = Query("", description="Words in the title or in a label.", max_length=200),
) -> SessionPage:
    """List sessions.

    Pinned ones come first, then those in which something was last said. A session exists once something is said in it.
    """
    caller = caller_of(request)
    listings = [each for each in await list_own(caller.owner, caller.memory) if _has(each, q.casefold().split())]
    begin = _begin(listings, cursor)
    page = listings[begin : begin + limit]
    more = begin + limit < len(listings)
    return SessionPage(
        sessions=[session_details(each) for each in page], cursor=cursor_of(_place(page[-1])) if more else None
    )


@router.get("/{session_id}", response=SessionDetails, url_name="session")
async def read_session(request: HttpRequest, session_id: SessionId) -> SessionDetails:
    """Read the details of a session. 404 if nothing is remembered of it."""
    caller = caller_of(request)
    return await _details(caller, caller.session(session_id))


@router.patch("/{session_id}", response=SessionDetails)
async def change_session(request: HttpRequest, session_id: SessionId, changes: SessionChanges) -> SessionDetails:
    """Change details of a session. Every open page of the session follows."""
    caller = caller_of(request)
    session = caller.session(session_id)
    changing = change_details(session, changes.changes(), caller.memory, caller.parts.bells)
    return session_details(await known(changing, UnknownSession(), session, caller.memory))


@router.delete("/{session_id}", response={204: None})
async def remove_session(request: HttpRequest, session_id: SessionId) -> None:
    """Delete a session. Its share links end, and an answer in progress is stopped first.

    Deleting an unknown session is not an error, so repeating the call is safe.
    """
    caller, parts = caller_of(request), caller_of(request).parts
    await delete_session(caller.session(session_id), parts.memory, parts.runs, parts.bells, parts.grants.shares)


@router.post("/{session_id}/fork", response={201: SessionDetails})
async def fork(request: HttpRequest, session_id: SessionId, body: ForkAt, response: HttpResponse) -> SessionDetails:
    """Fork a session at a message. The new one begins with the summary and the messages up to it.

    Where `to` names the new session, repeating the call changes nothing.
    """
    caller = caller_of(request)
    session = caller.session(session_id)
    through = await place_of(session, body.through, caller.memory)
    forking = fork_session(session, through, caller.memory, to=body.to)
    forked = await known(forking, UnknownSession(), session, caller.memory)
    response.headers["Location"] = reverse("chat:api-v1:session", args=[forked.id])
    return await _details(caller, forked)


async def _details(caller: Caller, session: Session) -> SessionDetails:
    """The details of a session; the original memory server has none, but knows whether there is one."""
    listing = await caller.memory.get_details(session.memory_id)
    if listing is None:
        memory = await caller.memory.get_memory(session.memory_id)
        if memory.can_change or memory.is_empty:
            raise UnknownSession
        listing = SessionListing(session.memory_id)
    return session_details(listing)


def _has(listing: SessionListing, words: Sequence[str]) -> bool:
    text = "\n".join([listing.title or "", *listing.labels]).casefold()
    return all(word in text for word in words)


def _begin(listings: Sequence[SessionListing], cursor: str | None) -> int:
    """The position at which ``listings`` continue. Raises `InvalidRequest`: the cursor is not of this list."""
    if cursor is None:
        return 0
    last: Place = place_in(cursor, Place)
    places = [_place(each) for each in listings]
    if last in places:
        return places.index(last) + 1
    return next((at for at, each in enumerate(places) if _order(each) > _order(last)), len(places))


def _place(listing: SessionListing) -> Place:
    at = listing.updated_at.timestamp() if listing.updated_at else 0.0
    return listing.pinned, at, listing.memory_id


def _order(place: Place) -> tuple[bool, float]:
    pinned, at, _ = place
    return not pinned, -at
