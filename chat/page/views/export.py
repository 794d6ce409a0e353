"""Downloads of a visitor's sessions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
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
from chat.sessions.export_formats import ExportFormat, JsonExport, MarkdownExport
from chat.web.visitor import OwnedRequest

#: The formats by their names in addresses: how each is written, its type, and the end of a file's name.
FORMATS: dict[str, tuple[type[JsonExport] | type[MarkdownExport], str, str]] = {
    "json": (JsonExport, "application/json", "json"),
    "markdown": (MarkdownExport, "text/markdown; charset=utf-8", "md"),
}
#: The most characters of a title in a file's name.
LONGEST_NAME = 60
#: Characters sent at a time.
PORTION = 32 * 1024


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
    name = slugify((details and details.title) or session.id, allow_unicode=True)[:LONGEST_NAME]
    return await _download(
        request, name or "session", lambda written: export_session(session, components().memory, written)
    )


@never_cache
@require_safe
@of_this_visit
@limited
async def everything(request: HttpRequest) -> HttpResponse:
    """All of the visitor's sessions, in ``?format=``."""
    owner = cast(OwnedRequest, request).owner
    name = f"sessions-{datetime.now(UTC):%Y-%m-%d}"
    return await _download(request, name, lambda written: export_all(owner, components().memory, written))


async def _download(
    request: HttpRequest, name: str, export: Callable[[ExportFormat], AsyncGenerator[str]]
) -> HttpResponse:
    """The export as a file. Should memory fail in the middle, the download breaks off: it never looks complete."""
    asked = FORMATS.get(request.GET.get("format", "json"))
    if asked is None:
        return HttpResponse(gettext("Use format=json or format=markdown."), status=400, content_type="text/plain")
    write, content_type, ending = asked
    pieces = export(write(datetime.now(UTC)))
    try:
        first = await anext(pieces)
    except StopAsyncIteration:
        return HttpResponse(gettext("Nothing is remembered of this session."), status=404, content_type="text/plain")
    except MemoryServerError as error:
        return error_page(request, error, 503)
    headers = {"Content-Disposition": content_disposition_header(True, f"{name}.{ending}") or ""}
    streamed = StreamingHttpResponse(_portions(first, pieces), content_type=content_type, headers=headers)
    return cast(HttpResponse, streamed)  # what decorators and middlewares do with it works for both


async def _portions(first: str, pieces: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """The pieces in portions of some size: each is a chunk on the wire."""
    async with aclosing(pieces):
        waiting = first
        async for piece in pieces:
            waiting += piece
            if len(waiting) >= PORTION:
                yield waiting
                waiting = ""
        yield waiting
