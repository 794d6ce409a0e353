"""Links to a visitor's sessions: made, listed and revoked."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.components import components
from chat.domain.exceptions import ChatError
from chat.domain.session_ids import Session, owned_session
from chat.page import fragments
from chat.page.views.errors import error_notice, status_of
from chat.page.views.pages import limited
from chat.page.views.session_list import listings_of
from chat.page.views.visits import answering_errors, of_this_visit
from chat.sessions.sharing import share_session
from chat.web.links import whole_address
from chat.web.visitor import OwnedRequest
from chat.web.wording import worded


def _dialog_notice(error: ChatError) -> HttpResponse:
    return HttpResponse(fragments.share_notice(worded(error)), status=status_of(error))


@never_cache
@require_http_methods(["GET", "POST"])
@of_this_visit
@limited
@answering_errors(_dialog_notice)
async def of_session(request: HttpRequest, session: Session) -> HttpResponse:
    """The dialog with the links to a session; by POST, its contents with a new one, which is shown only here."""
    address = None
    if request.method == "POST":
        parts = components()
        secret = await share_session(session, parts.memory, parts.grants.shares)
        address = whole_address(request, reverse("chat:shared", args=[secret]))
    return await _shown(request, session, address)


@never_cache
@require_safe
@of_this_visit
@limited
async def of_visitor(request: HttpRequest) -> HttpResponse:
    """The dialog with the links to all of the visitor's sessions."""
    try:
        return await _shown(request, None)
    except ChatError as error:
        return error_notice(error)


@never_cache
@require_POST
@of_this_visit
@limited
async def revoke(request: HttpRequest, share_id: str) -> HttpResponse:
    """End a link; the answer is the dialog's contents without it, for the session ``session`` or for all."""
    owner = cast(OwnedRequest, request).owner
    try:
        await components().grants.shares.revoke(owner, share_id)
        name = request.POST.get("session", "")
        return await _shown(request, owned_session(owner, name) if name else None)
    except ChatError as error:
        return _dialog_notice(error)


async def _shown(request: HttpRequest, session: Session | None, address: str | None = None) -> HttpResponse:
    """The dialog, or by POST its contents, with the links to the session or to all."""
    owner = cast(OwnedRequest, request).owner
    links = await components().grants.shares.list(owner)
    if session is not None:
        links = [link for link in links if link.memory_id == session.memory_id]
    listings = await listings_of(owner)
    if request.method == "POST":
        return HttpResponse(fragments.share_contents(session, links, listings, address))
    return HttpResponse(fragments.share_dialog(session, links, listings))
