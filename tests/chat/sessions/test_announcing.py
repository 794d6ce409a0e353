"""Announcing changes of a session."""

from __future__ import annotations

from chat.domain.exceptions import RunLogUnreachable
from chat.domain.session_ids import Session
from chat.sessions.announcing import announce
from tests.support.in_memory import DictBells

SESSION = Session("owner.s1", "chat.owner")


class SilentBells(DictBells):
    """Bells while Redis does not answer."""

    async def ring(self, session: Session) -> None:
        raise RunLogUnreachable


async def test_a_change_is_announced() -> None:
    """The session's bell is rung once."""
    bells = DictBells()
    await announce(SESSION, bells)
    assert bells.rung == [SESSION]


async def test_a_change_that_cannot_be_announced_was_made_nevertheless() -> None:
    """The verb has done its work, so the outage of the bells is no error of it."""
    await announce(SESSION, SilentBells())
