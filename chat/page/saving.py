"""Exchanges that may not have been remembered: checking for them, and saving them from their signed copies."""

from __future__ import annotations

from contextlib import suppress

from chat.domain.exceptions import InvalidCopy, MemoryRefused, SessionGone
from chat.domain.messages import Memory
from chat.domain.session_ids import Session
from chat.page.unsaved import Unsaved
from chat.turns.exchange import save_again
from chat.turns.ports import MemoryPort

#: Folded messages searched for an exchange: as many as a memory server returns at once.
MOST_SEARCHED = 200


async def is_remembered(copy: Unsaved, session: Session, memory: MemoryPort) -> bool:
    """Whether the exchange is in the session, in the window or folded.

    Raises `MemoryServerError`: the memory server did not answer or refused.
    """
    loaded = await memory.get_memory(session.memory_id)
    if _is_gone(copy, loaded):
        return False
    if copy.is_in(loaded.messages, whole=not (loaded.window.folded or loaded.context)):
        return True
    if loaded.window.folded:
        with suppress(MemoryRefused):  # the original server does not keep folded messages
            page = await memory.list_messages(session.memory_id, limit=MOST_SEARCHED)
            return copy.is_in(page.messages, whole=page.before is None)
    return False


async def save_copy(copy: Unsaved, session: Session, memory: MemoryPort) -> None:
    """Append the exchange.

    Raises `SessionGone`: the session was deleted since. Raises `InvalidCopy`: something else was said since. Raises
    `MemoryServerError`: the memory server did not answer or refused.
    """
    loaded = await memory.get_memory(session.memory_id)
    if _is_gone(copy, loaded):
        raise SessionGone
    if copy.is_too_late(loaded):
        raise InvalidCopy("copy_too_late")
    await save_again(
        memory,
        session,
        copy.turn_id,
        copy.text,
        copy.reply,
        stopped=copy.stopped,
        epoch=copy.epoch,
        replace_after=copy.replace_after,
    )


def _is_gone(copy: Unsaved, loaded: Memory) -> bool:
    return bool(copy.epoch) and loaded.epoch != copy.epoch
