"""Pages of a visitor's own sessions."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.domain.session_ids import Session, new_session_id
from chat.page.views.pages import limited
from chat.page.views.session_page import render_earlier, render_message, render_page
from chat.page.views.visits import of_own_session, of_this_visit
from chat.web.visitor import OwnedRequest


@never_cache
@require_safe
@of_this_visit
async def home(request: HttpRequest) -> HttpResponse:
    """A new session. It exists once something is said in it."""
    return redirect("chat:session", new_session_id())


@never_cache
@require_safe
@of_this_visit
@limited
@of_own_session
async def session_page(request: HttpRequest, session: Session) -> HttpResponse:
    """One of the visitor's sessions. An unknown id is a new one; 400 for a malformed id, 503 without memory."""
    return await render_page(request, session, cast(OwnedRequest, request).owner)


@never_cache
@require_safe
@of_this_visit
@limited
@of_own_session
async def earlier(request: HttpRequest, session: Session) -> HttpResponse:
    """Messages before ``?before=`` in one of the visitor's sessions, as list items."""
    return await render_earlier(request, session)


@never_cache
@require_safe
@of_this_visit
@limited
@of_own_session
async def message(request: HttpRequest, session: Session, message_id: str) -> HttpResponse:
    """The whole text of a message in one of the visitor's sessions."""
    return await render_message(session, message_id)
