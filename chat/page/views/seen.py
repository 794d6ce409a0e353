"""What the model saw, for the owner of its session."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.components import components
from chat.domain.exceptions import ChatError, InvalidRequest, PromptUnknown
from chat.domain.prompts import PromptRecord
from chat.domain.sentences import sentence
from chat.domain.session_ids import owned_session
from chat.page import fragments
from chat.page.views.errors import error_notice, error_page
from chat.page.views.pages import limited
from chat.page.views.visits import of_this_visit
from chat.sessions.seen import what_a_reply_came_from, what_the_model_saw
from chat.web.visitor import OwnedRequest


@never_cache
@require_safe
@of_this_visit
@limited
async def prompt_of_turn(request: HttpRequest, session_id: str, turn_id: str) -> HttpResponse:
    """The prompt of a turn in one of the visitor's sessions, part by part."""
    try:
        session = owned_session(cast(OwnedRequest, request).owner, session_id)
    except InvalidRequest as error:
        return error_page(request, error, 400)
    return await _shown(what_the_model_saw(session, turn_id, components().runs))


@never_cache
@require_safe
@of_this_visit
@limited
async def prompt_of_message(request: HttpRequest, session_id: str, message_id: str) -> HttpResponse:
    """The prompt to which a message in one of the visitor's sessions was the reply, part by part."""
    try:
        session = owned_session(cast(OwnedRequest, request).owner, session_id)
    except InvalidRequest as error:
        return error_page(request, error, 400)
    parts = components()
    return await _shown(what_a_reply_came_from(session, message_id, parts.memory, parts.runs))


async def _shown(record: Awaitable[PromptRecord]) -> HttpResponse:
    """The record as HTML, or a sentence in its place if it is no longer known."""
    try:
        return HttpResponse(fragments.seen(await record))
    except PromptUnknown as error:
        return HttpResponse(fragments.seen_no_more(sentence(error)))
    except ChatError as error:
        return error_notice(error)
