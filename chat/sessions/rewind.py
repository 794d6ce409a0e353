"""Taking back the newest messages of a session, and putting others in their place."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from chat.domain.exceptions import SaidSince, TurnInProgress
from chat.domain.messages import Message
from chat.domain.session_ids import Session
from chat.sessions.announcing import announce
from chat.turns.ports import BellsPort, MemoryPort, RunsPort


async def rewind(
    session: Session,
    after: str,
    memory: MemoryPort,
    runs: RunsPort,
    bells: BellsPort,
    *,
    instead: Sequence[Message] = (),
    newest: str | None = None,
    request_id: str | None = None,
) -> None:
    """Withdraw the messages behind the one with the id ``after`` ("0": all), and append ``instead`` in the same step.

    With the messages of an exchange that was replaced, this takes the replacement back: they get new ids. The same
    ``request_id`` does it once. Raises `TurnInProgress`: the session is answering; `SaidSince`: its newest message is
    not ``newest``, if that is given; `MessageFolded`, `UnknownMessage`, `NotSupported`.
    """
    run = await runs.current(session)
    if run is not None and not run.ended:
        raise TurnInProgress(run.turn_id)
    loaded = await memory.get_memory(session.memory_id)
    loaded.rewound_to(after)
    if newest is not None and newest not in {message.id for message in loaded.messages[-1:]}:
        raise SaidSince
    await memory.append_messages(
        session, instead, turn_id=request_id or f"rewind-{uuid4()}", epoch=loaded.epoch, replace_after=after
    )
    await runs.forget(session)  # otherwise a page could replay an answer that is withdrawn
    await announce(session, bells)
