"""Taking a visitor's sessions along into an account.

The move is noted before the visitor's cookie ends. If it breaks off, the next sign-in to the account completes it.
"""

from __future__ import annotations

from chat.components import components
from chat.domain.exceptions import ChatError
from chat.grants.credentials import Visit
from chat.sessions.moving import Move, move_sessions


async def begin_bringing(visit: Visit, to: str) -> None:
    """Have the sessions of a visitor go to the account with the owner ``to``, and end all of the visitor's visits.

    Raises `RunLogUnreachable`.
    """
    grants = components().grants
    await grants.moves.begin(visit.owner, to)
    await grants.visits.end_all(visit.owner)


async def bring_along(to: str) -> Move:
    """Complete every move to the account that has begun; ``left`` has what is still elsewhere. Repeating it is safe.

    Raises `RunLogUnreachable`, `MemoryServerError`: some sessions could not be listed.
    """
    parts, moved = components(), 0
    left: dict[str, ChatError] = {}
    for owner in await parts.grants.moves.under_way(to):
        move = await move_sessions(owner, to, parts.memory, parts.runs, parts.bells, parts.grants.shares)
        moved += move.moved
        left |= move.left
        if not move.left:
            await parts.grants.moves.end(owner, to)
    return Move(moved, left)
