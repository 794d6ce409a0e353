"""Verbs on a session's running summary: edit, fold now, restore an earlier version."""

from __future__ import annotations

from chat.domain.exceptions import InvalidDetails
from chat.domain.session_ids import Session
from chat.sessions.announcing import announce
from chat.turns.ports import BellsPort, MemoryPort

#: The most characters of an edited summary. Every prompt contains the summary, so a longer one would leave no room.
LONGEST = 20_000


async def edit_summary(
    session: Session, context: str, *, summary_tag: str | None, memory: MemoryPort, bells: BellsPort
) -> None:
    """Replace the summary, unless it has changed since the one with this ``summary_tag`` was read.

    Raises `InvalidDetails`: it is empty or too long; `SummaryChanged`; `NotSupported`: the memory server is the
    original.
    """
    if not context.strip():
        raise InvalidDetails("no_summary")
    if len(context) > LONGEST:
        raise InvalidDetails("summary", length=len(context), limit=LONGEST)
    await memory.edit_summary(session, context.strip(), summary_tag=summary_tag)
    await announce(session, bells)


async def fold_session(session: Session, through: str | None, memory: MemoryPort, bells: BellsPort) -> bool:
    """Fold the older half of the window now, or all messages up to ``through``.

    Returns whether any message was folded: none is if half of the window begins in the middle of an exchange, or if
    ``through`` is folded already. Raises `FoldFailed`, `MemoryBusy`, `UnknownMessage`.
    """
    before = await memory.get_memory(session.memory_id)
    after = await memory.fold(session.memory_id, through=through)
    await announce(session, bells)
    return after.window.folded > before.window.folded


async def restore_summary(session: Session, version: int, memory: MemoryPort, bells: BellsPort) -> None:
    """Make an earlier version the summary again; the messages that it does not cover return to the window.

    Raises `MessagesRemoved`: retention has removed one of them; `MemoryRefused` with status 404: there is no such
    version.
    """
    await memory.restore_summary(session.memory_id, version)
    await announce(session, bells)
