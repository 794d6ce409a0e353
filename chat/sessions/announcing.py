"""Announcing changes of a session to the pages that show it."""

from __future__ import annotations

from contextlib import suppress

from chat.domain.exceptions import RunLogUnreachable
from chat.domain.session_ids import Session
from chat.turns.ports import BellsPort


async def announce(session: Session, bells: BellsPort) -> None:
    """Make every page of the session look again. Without Redis, pages find out later, on their own."""
    with suppress(RunLogUnreachable):
        await bells.ring(session)
