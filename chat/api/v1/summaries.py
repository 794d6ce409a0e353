"""Calls about the running summary of a session: read, edit, fold, and its versions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Header, Query

from chat.api.v1.access import Caller, caller_of
from chat.api.v1.meanings import known, supported
from chat.api.v1.parameters import SessionId
from chat.api.v1.places import place_of
from chat.api.v1.problems import problem
from chat.api.v1.summary_shapes import Fold, NewSummary, Restore, Summary, Versions, summary_of, versions_of
from chat.api.v1.summary_tags import etag_of, seen_tag
from chat.domain.exceptions import SummaryChanged, UnknownVersion
from chat.domain.messages import Memory
from chat.domain.session_ids import Session
from chat.sessions.summary import edit_summary, fold_session, restore_summary

router = Router(tags=["Summary"])

#: The most versions of a page.
MOST = 200


@router.get("/{session_id}/summary", response=Summary)
async def read_summary(request: HttpRequest, session_id: SessionId, response: HttpResponse) -> Summary:
    """Read the running summary. Its ETag is what an edit sends back; an unknown session has no summary."""
    caller = caller_of(request)
    return await _summary(caller, caller.session(session_id), response)


@router.put("/{session_id}/summary", response=Summary)
async def replace_summary(
    request: HttpRequest,
    session_id: SessionId,
    body: NewSummary,
    response: HttpResponse,
    if_match: str | None = Header(
        None, alias="If-Match", description="The ETag of the summary that was edited, or * for any."
    ),
) -> Summary | HttpResponse:
    """Edit the summary. It is replaced, unless it has changed since it was read.

    412 where it has: the document has both texts, `current` and `yours`, and the ETag of the current one.
    """
    caller = caller_of(request)
    session, parts = caller.session(session_id), caller.parts
    memory = await parts.memory.get_memory(session.memory_id)
    try:
        tag = seen_tag(memory, if_match)
        await edit_summary(session, body.text, summary_tag=tag, memory=parts.memory, bells=parts.bells)
    except SummaryChanged as error:
        return await _conflict(caller, session, body.text, error)
    return await _summary(caller, session, response)


@router.post("/{session_id}/summary/fold", response=Summary)
async def fold(request: HttpRequest, session_id: SessionId, body: Fold, response: HttpResponse) -> Summary:
    """Fold now. The older half of the window becomes part of the summary, or all messages up to `through`."""
    caller = caller_of(request)
    session, parts = caller.session(session_id), caller.parts
    through = body.through and await place_of(session, body.through, parts.memory)
    await supported(fold_session(session, through, parts.memory, parts.bells))
    return await _summary(caller, session, response)


@router.get("/{session_id}/summary/versions", response=Versions)
async def list_versions(request: HttpRequest, session_id: SessionId, limit: int = Query(50, ge=1, le=MOST)) -> Versions:
    """List versions of the summary. The newest come first, with what all of them have cost."""
    caller = caller_of(request)
    memory_id = caller.session(session_id).memory_id
    return versions_of(await supported(caller.memory.list_summaries(memory_id, limit=limit)))


@router.post("/{session_id}/summary/restore", response=Summary)
async def restore(request: HttpRequest, session_id: SessionId, body: Restore, response: HttpResponse) -> Summary:
    """Restore an earlier version of the summary. Messages that it does not cover are in the window again."""
    caller = caller_of(request)
    session, parts = caller.session(session_id), caller.parts
    restoring = restore_summary(session, body.version, parts.memory, parts.bells)
    await known(restoring, UnknownVersion(), session, parts.memory)
    return await _summary(caller, session, response)


async def _summary(caller: Caller, session: Session, response: HttpResponse) -> Summary:
    memory = await caller.memory.get_memory(session.memory_id)
    return _tagged(summary_of(memory), memory, response)


def _tagged(summary: Summary, memory: Memory, response: HttpResponse) -> Summary:
    if etag := etag_of(memory, summary.model_dump_json().encode()):
        response.headers["ETag"] = etag
    return summary


async def _conflict(caller: Caller, session: Session, yours: str, error: SummaryChanged) -> HttpResponse:
    """The refusal of an edit, with everything that another try needs."""
    memory = await caller.memory.get_memory(session.memory_id)
    refused = problem(error, current=memory.context, yours=yours)
    _tagged(summary_of(memory), memory, refused)
    return refused
