"""Deleting sessions: an answer in progress is stopped first, and every page that shows the session is notified."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from chat.domain.exceptions import ChatError, RunUnknown, TurnInProgress
from chat.domain.session_ids import Session
from chat.grants.shares import Shares
from chat.sessions.announcing import announce
from chat.turns.ports import BellsPort, MemoryPort, RunsPort

#: Seconds that one waits for the answer that it has stopped, in addition to the lease of a dead worker.
STOPPING = 5.0
#: Sessions deleted at a time.
AT_A_TIME = 10


async def delete_session(
    session: Session, memory: MemoryPort, runs: RunsPort, bells: BellsPort, shares: Shares
) -> None:
    """Delete everything of the session, with its links and replayable answers. An unknown session is not an error.

    Raises `TurnInProgress`: its answer cannot be stopped; `RunLogUnreachable` and `MemoryServerError`: it may not have
    been deleted. Repeating the deletion is safe.
    """
    await stop_answering(session, runs)
    await memory.delete_memory(session)
    await runs.forget(session)
    await shares.forget(session)
    await announce(session, bells)


async def delete_sessions(
    sessions: Sequence[Session], memory: MemoryPort, runs: RunsPort, bells: BellsPort, shares: Shares
) -> list[ChatError | None]:
    """Delete all of ``sessions``. For each, in the same order, the error that prevented its deletion, or None."""
    slots = asyncio.Semaphore(AT_A_TIME)

    async def outcome(session: Session) -> ChatError | None:
        async with slots:
            try:
                await delete_session(session, memory, runs, bells, shares)
            except ChatError as error:
                return error
        return None

    return await asyncio.gather(*map(outcome, sessions))


async def stop_all(owner: str, runs: RunsPort) -> dict[str, ChatError]:
    """Stop all answers of the owner, also in sessions that are not listed yet: the first append would list them.

    For each that cannot be stopped the error, by the session's memory id. Raises `RunLogUnreachable`.
    """
    left: dict[str, ChatError] = {}
    for session in await runs.answering(owner):
        try:
            await stop_answering(session, runs)
        except TurnInProgress as error:
            left[session.memory_id] = error
    return left


async def stop_answering(session: Session, runs: RunsPort) -> None:
    """Stop the session's answer, and return once nothing more of it can be appended.

    Raises `TurnInProgress`: it cannot be stopped; `RunLogUnreachable`.
    """
    run = await runs.current(session)
    if run is None or run.ended:
        return
    await runs.stop(session, run.turn_id)
    try:
        # Reading a dead worker's run takes it over. As long as a run is active its append may still come, and a
        # session's first append would create the session again.
        async with asyncio.timeout(runs.lease + STOPPING), aclosing(runs.tail(session, run.turn_id)) as entries:
            async for _ in entries:
                pass
    except TimeoutError:
        raise TurnInProgress(run.turn_id) from None
    except RunUnknown:
        pass
