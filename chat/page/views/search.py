"""Searching a visitor's sessions."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.components import components
from chat.domain.exceptions import MemoryRefused, MemoryServerError
from chat.domain.sentences import Situation
from chat.page import fragments
from chat.page.possible import NO_SEARCH
from chat.page.views.errors import error_notice
from chat.page.views.pages import limited
from chat.page.views.visits import of_this_visit
from chat.sessions.search import search_sessions
from chat.web.visitor import OwnedRequest
from chat.web.wording import worded

#: The most characters of the words.
LONGEST = 200


@never_cache
@require_safe
@of_this_visit
@limited
async def search(request: HttpRequest) -> HttpResponse:
    """Where the words ``?q=`` are in the visitor's sessions, from ``?cursor=`` on, as list items."""
    words = request.GET.get("q", "").strip()[:LONGEST]
    if not words:
        return HttpResponse()
    cursor = request.GET.get("cursor") or None
    try:
        page = await search_sessions(cast(OwnedRequest, request).owner, words, components().memory, cursor)
    except MemoryRefused as error:
        return HttpResponse(fragments.nothing_found(_reason(error)))
    except MemoryServerError as error:
        return error_notice(error)
    return HttpResponse(fragments.found(page, words, more=cursor is not None))


def _reason(error: MemoryRefused) -> str:
    """The original has no search, and refuses its path as unknown."""
    return gettext(NO_SEARCH) if error.status == 404 else worded(error, Situation.LOOKING)
