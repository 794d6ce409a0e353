"""Downloads of a visitor's sessions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.components import components
from chat.domain.exceptions import MemoryServerError
from chat.domain.session_ids import Session
from chat.page.views.errors import error_page
from chat.page.views.pages import limited
from chat.page.views.visits import of_own_session, of_this_visit
from chat.sessions.export import export_all, export_session
from chat.sessions.export_formats import ExportFormat
from chat.web.downloads import FORMATS, all_name, download, session_name
from chat.web.visitor import OwnedRequest


@never_cache
@require_safe
@of_this_visit
@limited
@of_own_session
async def one(request: HttpRequest, session: Session) -> HttpResponse:
    """One of the visitor's sessions, in ``?format=``; 404 if nothing is remembered of it."""
    try:
        details = await components().memory.get_details(session.memory_id)
    except MemoryServerError as error:
        return error_page(request, error, 503)
    name = session_name(session, details)
    return await _download(request, name, lambda written: export_session(session, components().memory, written))


@never_cache
@require_safe
@of_this_visit
@limited
async def everything(request: HttpRequest) -> HttpResponse:
    """All of the visitor's sessions, in ``?format=``."""
    owner = cast(OwnedRequest, request).owner
    return await _download(request, all_name(), lambda written: export_all(owner, components().memory, written))


async def _download(
    request: HttpRequest, name: str, export: Callable[[ExportFormat], AsyncGenerator[str]]
) -> HttpResponse:
    file = FORMATS.get(request.GET.get("format", "json"))
    if file is None:
        return HttpResponse(gettext("Use format=json or format=markdown."), status=400, content_type="text/plain")
    try:
        found = await download(name, file, export)
    except MemoryServerError as error:
        return error_page(request, error, 503)
    if found is None:
        return HttpResponse(gettext("Nothing is remembered of this session."), status=404, content_type="text/plain")
    return cast(HttpResponse, found)  # what decorators and middlewares do with it works for both
