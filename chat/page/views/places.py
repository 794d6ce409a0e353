"""Verbs at one of the messages of a visitor's session."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from chat.components import components
from chat.domain.exceptions import ChatError
from chat.domain.session_ids import owned_session
from chat.page import names
from chat.page.views.errors import error_notice
from chat.page.views.pages import limited
from chat.page.views.session_list import moved_to
from chat.page.views.visits import of_this_visit
from chat.sessions.fork import fork_session
from chat.turns.validation import check_place
from chat.web.visitor import OwnedRequest


@never_cache
@require_POST
@of_this_visit
@limited
async def fork(request: HttpRequest, session_id: str, message_id: str) -> HttpResponse:
    """Begin a session with the summary and the messages up to this one; the page moves on to it."""
    try:
        session = owned_session(cast(OwnedRequest, request).owner, session_id)
        check_place(message_id)
        forked = await fork_session(session, message_id, components().memory)
    except ChatError as error:
        return error_notice(error)
    response = moved_to(reverse("chat:session", args=[forked.id]))
    return trigger_client_event(response, names.STALE, {"target": "body"})
