"""Beginning a new session from a place in another."""

from __future__ import annotations

from chat.domain.session_ids import Session, new_session_id, owned_session
from chat.turns.ports import MemoryPort


async def fork_session(session: Session, through: str, memory: MemoryPort, *, to: str | None = None) -> Session:
    """The new session, which begins with the summary and the messages of ``session`` up to ``through``.

    ``to``: its id (None: a random one). The same fork again changes nothing. Raises `SessionExists`: there is another
    session of this id; `MessagesRemoved`: retention has removed messages that it needs; `UnknownMessage`.
    """
    forked = owned_session(session.owner or "", to or new_session_id())
    await memory.fork(session, through, forked)
    return forked
