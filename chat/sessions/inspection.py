"""Sessions as staff see them: lists of everybody's sessions, and everything that is remembered of one.

The original Motörhead has fewer calls. If one is missing, the results of the others are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from chat.domain.details import SessionListing, SummaryVersions
from chat.domain.exceptions import MemoryRefused
from chat.domain.messages import Memory, Message, MessagePage
from chat.turns.ports import MemoryPort
from chat.turns.validation import MESSAGE_ID

T = TypeVar("T")

#: Sessions on a page of a list, and messages on a page of a session.
PAGE = 50
#: The most namespaces that are searched for the newest sessions of all; each takes a request.
MOST_NAMESPACES = 300
#: The most such requests at a time.
REQUESTS_AT_ONCE = 20

_NO_SUCH_CALL = 404
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class SessionList:
    """A page of a list, or None for ``listings`` if there are too many ``namespaces`` to search them all."""

    listings: list[SessionListing] | None
    namespaces: list[str]


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything that is remembered of a session, with a page of its messages."""

    memory: Memory
    page: MessagePage
    versions: SummaryVersions

    @property
    def is_empty(self) -> bool:
        """Whether nothing is remembered: the session does not exist, or was deleted."""
        return self.memory.is_empty and not self.page.messages


async def list_namespace(memory: MemoryPort, namespace: str | None, page: int = 1) -> SessionList:
    """The sessions of one namespace (None: those without one), newest first, `PAGE` to a page."""
    listings, namespaces = await asyncio.gather(
        memory.list_sessions(namespace, page=page, size=PAGE), _known(memory.list_namespaces(), [])
    )
    return SessionList(listings, namespaces)


async def list_newest(memory: MemoryPort) -> SessionList:
    """The newest `PAGE` of all sessions, with and without a namespace."""
    namespaces = await _known(memory.list_namespaces(), [])
    if len(namespaces) > MOST_NAMESPACES:
        return SessionList(None, namespaces)
    gate = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def newest_of(namespace: str | None) -> list[SessionListing]:
        async with gate:
            return await memory.list_sessions(namespace, size=PAGE)

    found = await asyncio.gather(*map(newest_of, (None, *namespaces)))
    listings = {listing.memory_id: listing for page in found for listing in page}  # a session may be in several
    newest = sorted(listings.values(), key=lambda listing: listing.updated_at or _LONG_AGO, reverse=True)
    return SessionList(newest[:PAGE], namespaces)


async def inspect_session(memory: MemoryPort, memory_id: str, before: str | None = None) -> Inspection:
    """The session, with a page of messages before the message ``before`` (None: the newest)."""
    remembered, page, versions = await asyncio.gather(
        memory.get_memory(memory_id),
        _known(memory.list_messages(memory_id, before=before, limit=PAGE), None),
        _known(memory.list_summaries(memory_id), SummaryVersions(())),
    )
    return Inspection(remembered, page or MessagePage(remembered.messages, None), versions)


async def find_message(memory: MemoryPort, memory_id: str, message_id: str) -> Message | None:
    """The message with this id, folded or not; None if it is not there."""
    if not MESSAGE_ID.fullmatch(message_id):
        return None
    page = await memory.list_messages(memory_id, before=str(int(message_id) + 1), limit=1)
    return next((message for message in page.messages if message.id == message_id), None)


async def _known(answer: Awaitable[T], otherwise: T) -> T:
    """The ``answer``, or ``otherwise`` if the memory server does not have the call."""
    try:
        return await answer
    except MemoryRefused as error:
        if error.status != _NO_SUCH_CALL:
            raise
        return otherwise
