"""Sharing a session by a link, whose holder reads the session as it is at that moment, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from chat.domain.exceptions import InvalidShare, MemoryRefused, ShareEnded
from chat.domain.messages import Memory, MessagePage
from chat.domain.session_ids import Session
from chat.grants.shares import Share, Shares
from chat.turns.ports import MemoryPort

#: Messages on a page.
PAGE = 50
#: The most links of one owner.
MOST_LINKS = 200

_NO_SUCH_CALL = 404


@dataclass(frozen=True, slots=True)
class SharedSession:
    """What the holder of a link sees: the title, the summary, and a page of messages, oldest first."""

    title: str | None
    memory: Memory
    page: MessagePage


async def share_session(session: Session, memory: MemoryPort, shares: Shares) -> str:
    """The secret of a new link to the owner's session.

    Raises `InvalidShare`: nothing is remembered of it, or its owner has too many links; `MemoryServerError`;
    `RunLogUnreachable`.
    """
    owner = session.owner or ""
    remembered = await memory.get_memory(session.memory_id)
    if remembered.is_empty:
        raise InvalidShare("nothing")
    if len(await shares.list(owner)) >= MOST_LINKS:
        raise InvalidShare("too_many", limit=MOST_LINKS)
    return await shares.add(owner, session, remembered.epoch)


async def read_shared(secret: str, before: str | None, memory: MemoryPort, shares: Shares) -> SharedSession:
    """What the link with this ``secret`` shows, with the messages before the message ``before`` (None: the newest).

    Raises `ShareEnded`: there is no such link any more, or its session was deleted; `MemoryServerError`;
    `RunLogUnreachable`.
    """
    share = await shares.find(secret)
    if share is None:
        raise ShareEnded
    memory_id = share.memory_id
    page, details = await asyncio.gather(_page(memory_id, before, memory), memory.get_details(memory_id))
    # Last, so that the epoch is known to be that of what was read before.
    remembered = await memory.get_memory(memory_id)
    if remembered.is_empty or remembered.epoch != share.epoch:
        await _end(share, shares)
        raise ShareEnded
    return SharedSession(details.title if details else None, remembered, page or MessagePage(remembered.messages, None))


async def _page(memory_id: str, before: str | None, memory: MemoryPort) -> MessagePage | None:
    """A page of messages; None on the original, which has only the window."""
    try:
        return await memory.list_messages(memory_id, before=before, limit=PAGE)
    except MemoryRefused as error:
        if error.status != _NO_SUCH_CALL:
            raise
        return None


async def _end(share: Share, shares: Shares) -> None:
    """Revoke a link to a session that was deleted."""
    await shares.revoke(share.owner, share.id)
