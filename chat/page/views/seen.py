"""What the model saw, for the owner of its session."""

from __future__ import annotations

from collections.abc import Awaitable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.components import components
from chat.domain.exceptions import ChatError, PromptUnknown
from chat.domain.prompts import PromptRecord
from chat.domain.session_ids import Session
from chat.page import fragments
from chat.page.views.errors import error_notice
from chat.page.views.pages import limited
from chat.page.views.visits import of_own_session, of_this_visit
from chat.sessions.seen import what_a_reply_came_from, what_the_model_saw
from chat.web.wording import worded


@never_cache
@require_safe
@of_this_visit
@limited
@of_own_session
async def prompt_of_turn(request: HttpRequest, session: Session, turn_id: str) -> HttpResponse:
    """The prompt of a turn in one of the visitor's sessions, part by part."""
    return await _shown(what_the_model_saw(session, turn_id, components().runs))


@never_cache
@require_safe
@of_this_visit
@limited
@of_own_session
async def prompt_of_message(request: HttpRequest, session: Session, message_id: str) -> HttpResponse:
    """The prompt to which a message in one of the visitor's sessions was the reply, part by part."""
    parts = components()
    return await _shown(what_a_reply_came_from(session, message_id, parts.memory, parts.runs))


async def _shown(record: Awaitable[PromptRecord]) -> HttpResponse:
    """The record as HTML, or a sentence in its place if it is no longer known."""
    try:
        return HttpResponse(fragments.seen(await record))
    except PromptUnknown as error:
        return HttpResponse(fragments.seen_no_more(worded(error)))
    except ChatError as error:
        return error_notice(error)
