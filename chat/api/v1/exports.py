"""Calls that download everything that is remembered."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from chat.api.v1.access import caller_of
from chat.api.v1.parameters import FormatName, SessionId
from chat.domain.exceptions import UnknownSession
from chat.sessions.export import export_all, export_session
from chat.web.downloads import FORMATS, all_name, download, session_name

router = Router(tags=["Export and import"])

#: What the description says of the answers.
DESCRIBED = {
    "responses": {
        200: {
            "description": "A file.",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/markdown": {"schema": {"type": "string"}},
            },
        }
    }
}


@router.get("/sessions/{session_id}/export", openapi_extra=DESCRIBED)
async def export_one(
    request: HttpRequest,
    session_id: SessionId,
    format: FormatName = "json",  # noqa: A002 - the parameter's name
) -> StreamingHttpResponse:
    """Download a session. The file has its details, its summary with all versions, and all messages.

    Should memory fail in the middle, the download breaks off: it never looks complete.
    """
    caller = caller_of(request)
    session = caller.session(session_id)
    name = session_name(session, await caller.memory.get_details(session.memory_id))
    found = await download(name, FORMATS[format], lambda written: export_session(session, caller.memory, written))
    if found is None:
        raise UnknownSession
    return found


@router.get("/export", openapi_extra=DESCRIBED)
async def export_everything(
    request: HttpRequest,
    format: FormatName = "json",  # noqa: A002 - the parameter's name
) -> StreamingHttpResponse:
    """Download all sessions. The newest comes first."""
    caller = caller_of(request)
    found = await download(
        all_name(), FORMATS[format], lambda written: export_all(caller.owner, caller.memory, written)
    )
    if found is None:
        raise UnknownSession
    return found
