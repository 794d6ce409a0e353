"""Exporting sessions: one, or all of an owner, each with everything that is remembered of it.

Messages are loaded a page at a time, oldest first, so that a session of any length needs little memory.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from chat.domain.details import SessionListing, SummaryVersions
from chat.domain.exceptions import MemoryRefused
from chat.domain.messages import Message
from chat.domain.session_ids import Session, any_session
from chat.sessions.export_formats import ExportFormat, Head
from chat.sessions.listing import list_all
from chat.turns.ports import MemoryPort

#: Messages loaded at a time.
MESSAGES = 200
#: The most versions of a summary that are exported.
VERSIONS = 200

_NO_SUCH_CALL = 404


async def export_session(session: Session, memory: MemoryPort, written: ExportFormat) -> AsyncGenerator[str]:
    """The session in pieces of text; no pieces if nothing is remembered of it.

    Raises `MemoryServerError`, also in the middle: the memory server did not answer or refused.
    """
    head = await _head(session.memory_id, memory)
    if head is None:
        return
    yield written.begin()
    async with aclosing(_session(head, memory, written)) as pieces:
        async for piece in pieces:
            yield piece
    yield written.end()


async def export_all(owner: str, memory: MemoryPort, written: ExportFormat) -> AsyncGenerator[str]:
    """All of the owner's sessions in pieces of text, the newest session first. Raises as `export_session`."""
    listings = await list_all(owner, memory)  # all at once: one that becomes active moves to another page
    yield written.begin()
    for listing in listings:
        head = await _head(listing.memory_id, memory)
        if head is None:
            continue  # deleted meanwhile
        async with aclosing(_session(head, memory, written)) as pieces:
            async for piece in pieces:
                yield piece
    yield written.end()


async def _session(head: Head, memory: MemoryPort, written: ExportFormat) -> AsyncGenerator[str]:
    yield written.begin_session(head)
    async for message in _messages(head, memory):
        yield written.message(message)
    yield written.end_session()


async def _head(memory_id: str, memory: MemoryPort) -> Head | None:
    """What is known of a session besides its messages; None if nothing is."""
    remembered = await memory.get_memory(memory_id)
    if remembered.is_empty:
        return None
    listing = await memory.get_details(memory_id) or SessionListing(memory_id)
    return Head(any_session(memory_id).id, listing, remembered, await _versions(memory_id, memory))


async def _versions(memory_id: str, memory: MemoryPort) -> SummaryVersions:
    try:
        return await memory.list_summaries(memory_id, limit=VERSIONS)
    except MemoryRefused as error:
        if error.status != _NO_SUCH_CALL:
            raise
        return SummaryVersions(())


async def _messages(head: Head, memory: MemoryPort) -> AsyncIterator[Message]:
    """All messages up to the newest in the window, oldest first; those of the window where the server has no others."""
    window = head.memory.messages
    last = int((window[-1].id if window else None) or head.memory.window.folded)
    if not last:
        for message in window:
            yield message
        return
    shown = 0
    while shown < last:
        before = min(shown + MESSAGES, last) + 1
        page = await memory.list_messages(head.listing.memory_id, before=str(before), limit=MESSAGES)
        for message in page.messages:  # withdrawn ones leave gaps, so that a page may begin with known messages
            if int(message.id or 0) > shown:
                yield message
        shown = before - 1
