"""Exports as files that are sent while they are being written."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext

from chat.domain.details import SessionListing
from chat.domain.session_ids import Session
from chat.sessions.export_formats import ExportFormat, JsonExport, MarkdownExport, MarkdownWords
from chat.web.asker import Asker, asker
from chat.web.gates import AskerGates

#: The most characters of a title in a file's name.
LONGEST_NAME = 60
#: Characters sent at a time.
PORTION = 32 * 1024
#: Many downloads at the same time would leave a worker no time for its pages.
_gates = AskerGates()


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How an export is written, its type, and the end of its file's name."""

    write: Callable[[datetime], ExportFormat]
    content_type: str
    ending: str


#: The formats by their names in addresses.
FORMATS = {
    "json": FileFormat(JsonExport, "application/json", "json"),
    "markdown": FileFormat(lambda now: MarkdownExport(now, _words()), "text/markdown; charset=utf-8", "md"),
}


def session_name(session: Session, details: SessionListing | None) -> str:
    """The name of a file with one session."""
    name = slugify((details and details.title) or session.id, allow_unicode=True)[:LONGEST_NAME]
    return name or "session"


def all_name() -> str:
    """The name of a file with all sessions."""
    return f"sessions-{datetime.now(UTC):%Y-%m-%d}"


async def download(
    name: str, file: FileFormat, export: Callable[[ExportFormat], AsyncGenerator[str]]
) -> StreamingHttpResponse | None:
    """The export as a file; None if there is nothing to export.

    Should memory fail in the middle, the download breaks off: it never looks complete. Raises `MemoryServerError`: it
    has failed at the beginning.
    """
    pieces = export(file.write(datetime.now(UTC)))
    try:
        first = await anext(pieces)
    except StopAsyncIteration:
        return None
    headers = {"Content-Disposition": content_disposition_header(True, f"{name}.{file.ending}") or ""}
    return StreamingHttpResponse(_portions(first, pieces, asker()), content_type=file.content_type, headers=headers)


def _words() -> MarkdownWords:
    """The words of a file of Markdown in the reader's language."""
    return MarkdownWords(
        labels=gettext("Labels"),
        summary=gettext("Summary"),
        messages=gettext("Messages"),
        reply=gettext("Reply"),
        you=gettext("You"),
        exported=gettext("Exported"),
    )


async def _portions(begun: str, pieces: AsyncGenerator[str], who: Asker) -> AsyncGenerator[str]:
    """The pieces in portions of some size: each is a chunk on the wire, and written when it is the asker's turn."""
    async with aclosing(pieces):
        more = True
        while more:
            async with _gates.of(who):
                portion, more = await _filled(begun, pieces)
            yield portion
            begun = ""


async def _filled(portion: str, pieces: AsyncGenerator[str]) -> tuple[str, bool]:
    """``portion`` with the next pieces, and whether there may be more of them."""
    async for piece in pieces:
        portion += piece
        if len(portion) >= PORTION:
            return portion, True
    return portion, False
