"""The list of a visitor's sessions: further pages of it, titles, pins, labels, and deletion."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseLocation, trigger_client_event

from chat.components import components
from chat.domain.details import DetailChanges, SessionListing
from chat.domain.exceptions import InvalidRequest, MemoryServerError
from chat.domain.sentences import Situation
from chat.domain.session_ids import Session, owned_session
from chat.page import fragments, names
from chat.page.views.errors import error_notice
from chat.page.views.pages import limited
from chat.page.views.visits import answering_errors, of_this_visit
from chat.sessions.deletion import delete_session
from chat.sessions.details import change_details
from chat.sessions.listing import list_own
from chat.web.paging import page_number
from chat.web.visitor import OwnedRequest


@never_cache
@require_safe
@of_this_visit
@limited
async def more_sessions(request: HttpRequest) -> HttpResponse:
    """The visitor's newest sessions up to the end of ``?page=``, as list items."""
    owner = cast(OwnedRequest, request).owner
    pages = page_number(request.GET.get("page", ""), fragments.MOST_PAGES)
    if pages is None:
        return HttpResponse(gettext("There is no such page."), status=400, content_type="text/plain")
    try:
        listings = await listings_of(owner)
    except MemoryServerError as error:
        return error_notice(error)
    return HttpResponse(fragments.session_items(listings, _open_session(request, owner), pages))


@never_cache
@require_POST
@of_this_visit
@limited
@answering_errors(partial(error_notice, situation=Situation.DELETING))
async def delete(request: HttpRequest, session: Session) -> HttpResponse:
    """Stop the session's answer and delete the session; a page that shows it moves on to a new session."""
    owner, parts = cast(OwnedRequest, request).owner, components()
    await delete_session(session, parts.memory, parts.runs, parts.bells, parts.grants.shares)
    listings = await listings_of(owner)
    current = _open_session(request, owner)
    content = fragments.joined(*fragments.sessions(listings, current))
    return with_list(moved_to(reverse("chat:home"), content) if current == session else HttpResponse(content))


@never_cache
@require_POST
@of_this_visit
@limited
@answering_errors(partial(error_notice, situation=Situation.CHANGING))
async def change(request: HttpRequest, session: Session) -> HttpResponse:
    """Change the session's title, its pin, or its labels; the answer is the list with the change."""
    owner, parts = cast(OwnedRequest, request).owner, components()
    await change_details(session, _changes_in(request.POST), parts.memory, parts.bells)
    listings = await listings_of(owner)
    return with_list(HttpResponse(fragments.joined(*fragments.sessions(listings, _open_session(request, owner)))))


def _changes_in(form: QueryDict) -> DetailChanges:
    """The details in a form: ``title``, ``pinned`` ("yes" or anything else), ``labels`` with commas between them."""
    changes = DetailChanges()
    if "title" in form:
        changes["title"] = str(form["title"])
    if "pinned" in form:
        changes["pinned"] = form["pinned"] == "yes"
    if "labels" in form:
        changes["labels"] = str(form["labels"]).split(",")
    return changes


def with_list(response: HttpResponse) -> HttpResponse:
    """``response``, after which a list of several pages reloads itself."""
    return trigger_client_event(response, names.STALE, {"target": "body"})


def moved_to(address: str, content: str = "") -> HttpResponse:
    """``content``, after which the page moves on to the session at ``address`` without reloading."""
    place: dict[str, Any] = {"target": names.SESSION, "select": names.SESSION, "swap": "outerHTML"}
    return HttpResponseLocation(address, content=content, **place)


async def listings_of(owner: str) -> list[SessionListing]:
    """The owner's sessions, as the list shows them. Raises `MemoryServerError`: memory did not answer or refused."""
    return await list_own(owner, components().memory)


def _open_session(request: HttpRequest, owner: str) -> Session | None:
    """The session shown on the page that sent the request, if it is the visitor's own."""
    # Only its path counts: behind a proxy, the request's scheme and host need not be those of the page.
    with suppress(InvalidRequest, ValueError):
        path = urlsplit(request.htmx.current_url or "").path  # type: ignore[attr-defined]
        return owned_session(owner, path.removeprefix(fragments.session_root()))
    return None
