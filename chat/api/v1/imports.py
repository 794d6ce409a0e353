"""The call that imports sessions from a file."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated, TypeAlias

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.files import UploadedFile
from ninja.params.functions import File
from pydantic import Field

from chat.api.v1.access import caller_of
from chat.domain.exceptions import ChatError
from chat.domain.sentences import Situation, sentence
from chat.sessions.imports import ImportReport, import_sessions, read_file

router = Router(tags=["Export and import"])

ExportFile: TypeAlias = Annotated[
    UploadedFile, File(description="An export of this site, or ChatGPT's `conversations.json`.")
]


class Reason(Schema):
    """Why something was not imported: the code and the sentence of an error."""

    code: str
    detail: str


class Refused(Reason):
    """A session that was not imported."""

    title: str


class Report(Schema):
    """What became of the sessions in the file."""

    total: Annotated[int, Field(description="Sessions in the file.")]
    sessions: Annotated[int, Field(description="Those that are new.")]
    messages: Annotated[int, Field(description="The messages in them.")]
    here: Annotated[int, Field(description="Those that were here already.")]
    waiting: Annotated[int, Field(description="Those for which the same file has to be sent again.")]
    refused: list[Refused]
    left_out: Annotated[dict[str, int], Field(description="What cannot be taken along, by kind, and how often.")]
    stopped: Annotated[Reason | None, Field(description="Why the import ended early: send the same file again.")]


@router.post("/import", response=Report)
async def import_file(request: HttpRequest, file: ExportFile) -> Report:
    """Import sessions from a file. It is the field `file` of a form.

    Nothing is added twice, so the same file can be sent again.
    """
    caller = caller_of(request)
    found = await read_file(file, file.size or 0)
    async with aclosing(import_sessions(caller.owner, found, caller.memory, caller.parts.bells)) as reports:
        *_, report = [each async for each in reports]
    return _said(report)


def _said(report: ImportReport) -> Report:
    return Report(
        total=report.total,
        sessions=report.sessions,
        messages=report.messages,
        here=report.here,
        waiting=report.waiting,
        refused=[Refused(title=title, **_reason(error)) for title, error in report.refused],
        left_out={kind.value: count for kind, count in report.left_out.items()},
        stopped=Reason(**_reason(report.stopped)) if report.stopped else None,
    )


def _reason(error: ChatError) -> dict[str, str]:
    return {"code": error.code, "detail": sentence(error, Situation.LOOKING)}
