"""Importing sessions from a file that a visitor chooses."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.components import components
from chat.domain.exceptions import InvalidImport
from chat.domain.sentences import Situation
from chat.page import fragments
from chat.page.import_report import report_lines
from chat.page.views.pages import limited
from chat.page.views.visits import of_this_visit
from chat.sessions.importable import Importable
from chat.sessions.imports import import_sessions, read_file
from chat.web.visitor import OwnedRequest
from chat.web.wording import worded

#: Lines of JSON, one after the other.
LINES = "application/x-ndjson"


@never_cache
@require_http_methods(["GET", "POST"])
@of_this_visit
@limited
async def sessions(request: HttpRequest) -> HttpResponse:
    """The dialog; by POST, import ``file``. The answer grows by a line of JSON with each session.

    Each line has the sessions ``done`` and their ``total``; the last one has the ``report``, in sentences. A file that
    cannot be imported is answered with 400 and a line with the ``error``.
    """
    if request.method != "POST":
        return HttpResponse(fragments.import_dialog())
    try:
        found = await _read(request)
    except InvalidImport as error:
        return HttpResponse(_line({"error": worded(error, Situation.LOOKING)}), status=400, content_type=LINES)
    lines = _lines(cast(OwnedRequest, request).owner, found, get_language())
    answer = StreamingHttpResponse(lines, content_type=LINES)
    answer.headers["X-Accel-Buffering"] = "no"  # nginx would hold the lines back
    return cast(HttpResponse, answer)  # what decorators and middlewares do with it works for both


async def _read(request: HttpRequest) -> Importable:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise InvalidImport("no_file")
    return await read_file(upload, upload.size or 0)


async def _lines(owner: str, found: Importable, language: str | None) -> AsyncGenerator[str]:
    """The lines of the answer. They are made after the view has returned, so they need its ``language``."""
    parts = components()
    async with aclosing(import_sessions(owner, found, parts.memory, parts.bells)) as reports:
        async for report in reports:
            yield _line({"done": report.done, "total": report.total})
    with override(language):
        line = _line({"report": report_lines(report)})
    yield line


def _line(fields: dict[str, Any]) -> str:
    return f"{json.dumps(fields)}\n"
