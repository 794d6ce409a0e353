"""The page of a session with the list of sessions beside it, for visitors and for staff."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, gettext_noop

from chat.components import components
from chat.domain.details import SessionListing
from chat.domain.exceptions import (
    AccessDenied,
    InvalidText,
    MemoryServerError,
    MessageFolded,
    NotSupported,
    TurnInProgress,
    UnknownMessage,
)
from chat.domain.messages import Memory
from chat.domain.sentences import Situation
from chat.domain.session_ids import Session
from chat.page import fragments
from chat.page.account_menu import account_context
from chat.page.bars import Bar, next_prompt_bar
from chat.page.bubbles import replies_of, text_of
from chat.page.drawing import draw
from chat.page.langchain_lines import session_lines, standin_line
from chat.page.modules import imported_modules
from chat.page.translations import translations_of_script
from chat.page.views.demonstration import is_offered_to
from chat.page.views.errors import error_notice
from chat.page.views.session_list import listings_of
from chat.sessions.inspection import find_message
from chat.web.paging import page_number
from chat.web.wording import worded

#: Sessions that the page for staff searches for a title.
TITLED_SESSIONS = 200
#: The title of a session without one.
SESSION = gettext_noop("Session")
#: Why something cannot be done at a message.
_UNAVAILABLE = {
    "unsupported": NotSupported(),
    "beyond": MessageFolded(),
    "gone": UnknownMessage(),
    "busy": TurnInProgress(turn_id=""),
}
#: Earlier messages loaded at a time.
EARLIER_A_PAGE = 30
#: The most at a time for a page that shows one of them, and the number before that one.
MOST_EARLIER, BEFORE_IT = 200, 5


async def render_page(request: HttpRequest, session: Session, owner: str, *, staff: bool = False) -> HttpResponse:
    """The whole page, with the sessions of ``owner`` at the left; read-only for ``staff``. 503 without memory."""
    memory, listings, title, account = await asyncio.gather(
        _memory(session),
        _listings_or_reason(owner),
        _title_for_staff(session) if staff else _nothing(),
        _nothing() if staff else account_context(request),
    )
    context = await _session_context(session, memory, staff)
    context |= _list_context(listings, session) | {"owner": owner} | title | account
    context |= {"drawer": not staff and is_offered_to(request)}
    context |= {"csrf_cookie": settings.CSRF_COOKIE_NAME, "modules": imported_modules()}
    context |= {"translations": translations_of_script(get_language() or settings.LANGUAGE_CODE)}
    status = 503 if isinstance(memory, MemoryServerError) else 200
    return render(request, "chat/page.html", context, status=status)


async def render_earlier(request: HttpRequest, session: Session, *, staff: bool = False) -> HttpResponse:
    """The session's messages before ``?before=``, as list items: up to ``?through=``, or a page of them."""
    before = request.GET.get("before") or None
    limit = _up_to(request.GET.get("through", ""), before)
    try:
        page = await components().memory.list_messages(session.memory_id, before=before, limit=limit)
    except MemoryServerError as error:
        return error_notice(error)
    html = await draw(replies_of(page.messages), fragments.earlier_page, session, page, staff=staff)
    return HttpResponse(html)


def _up_to(through: str, before: str | None) -> int:
    """How many messages to load before ``before``, to have the one with the number ``through`` among them."""
    wanted = page_number(through)
    if wanted is None:
        return EARLIER_A_PAGE
    newest = page_number(before or "") or wanted + MOST_EARLIER
    return min(MOST_EARLIER, max(EARLIER_A_PAGE, newest - wanted + BEFORE_IT))


async def render_message(session: Session, message_id: str) -> HttpResponse:
    """The whole text of one message, as it was written; 404 if there is no such message."""
    try:
        message = await find_message(components().memory, session.memory_id, message_id)
    except MemoryServerError as error:
        return error_notice(error)
    if not message:
        return HttpResponse(gettext("There is no such message."), status=404, content_type="text/plain")
    return HttpResponse(text_of(message), content_type="text/plain; charset=utf-8")


async def _session_context(session: Session, memory: Memory | MemoryServerError, staff: bool) -> dict[str, Any]:
    context = {
        "session": session,
        "staff": staff,
        "composer": _composer_context(settings.CHAT_MAX_MESSAGE_CHARS),
        "reasons": {name: worded(error, Situation.LOOKING) for name, error in _UNAVAILABLE.items()},
        "langchain": session_lines(session),
        "standin": standin_line(),
    }
    if isinstance(memory, MemoryServerError):
        return context | {"outage": worded(memory, Situation.WATCHING), "window_items": ""}
    items = await draw(replies_of(memory.messages), fragments.window_items, memory, staff=staff)
    said = {"window_items": items, "next_prompt": _next_prompt(memory)} | fragments.panel_context(session, memory)
    return context | said | {"earlier": fragments.earlier(session, memory, staff=staff)}


def _next_prompt(memory: Memory) -> Bar | None:
    """What the next message is sent with; None in a session without anything yet."""
    if memory.is_empty:
        return None
    return next_prompt_bar(memory, system=settings.CHAT_SYSTEM_PROMPT, budget=settings.CHAT_PROMPT_BUDGET)


def _composer_context(limit: int) -> dict[str, Any]:
    """The limit of a message, and what the page's script says when it does not send one."""
    too_long = InvalidText("too_long", length="{length}", limit=f"{limit:,}")
    refusals = {"empty": InvalidText("empty"), "too_long": too_long, "no_cookies": AccessDenied("no_cookies")}
    return {"limit": limit, **{name: worded(error) for name, error in refusals.items()}}


def _list_context(listings: list[SessionListing] | MemoryServerError, session: Session) -> dict[str, Any]:
    if isinstance(listings, MemoryServerError):
        return {"list_reason": gettext("Your sessions will be listed when memory is back."), "title": gettext(SESSION)}
    title = fragments.title_in(listings, session)
    return {
        "session_items": fragments.session_items(listings, session),
        "title": title or gettext(fragments.NEW_SESSION),
    }


async def _title_for_staff(session: Session) -> dict[str, Any]:
    """The title of any session, if it is among the newest of its namespace."""
    listings: list[SessionListing] = []
    with suppress(MemoryServerError):  # the page already says that memory is away
        listings = await components().memory.list_sessions(session.namespace, size=TITLED_SESSIONS)
    return {"title": fragments.title_in(listings, session) or gettext(SESSION)}


async def _nothing() -> dict[str, Any]:
    """No context: a visitor's title comes from the list, and staff have no account here."""
    return {}


async def _memory(session: Session) -> Memory | MemoryServerError:
    try:
        return await components().memory.get_memory(session.memory_id)
    except MemoryServerError as error:
        return error


async def _listings_or_reason(owner: str) -> list[SessionListing] | MemoryServerError:
    try:
        return await listings_of(owner)
    except MemoryServerError as error:
        return error
