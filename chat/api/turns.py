"""Finding the turn of a send: a new one, one that was sent before, or another attempt."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chat.api.codec import SendRequest
from chat.domain.events import Event, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import AlreadyAnswered, RunUnknown, TurnConflict
from chat.domain.runs import Entry
from chat.domain.session_ids import Session
from chat.runs.runs import Runs
from chat.turns.ports import MemoryPort


async def begin_turn(
    runs: Runs, memory: MemoryPort, session: Session, send: SendRequest, network: str | None = None
) -> str:
    """Begin the turn of ``send`` if it has not been begun already, and return its id.

    The same message sent again is the same turn while it is being answered and for five minutes after, unless the turn
    failed: then it is another attempt. Raises the errors of `Runs.start`, and `AlreadyAnswered`: the message to retry
    has an answer; `TurnConflict`: the turn's id belongs to another text; `MemoryServerError`.
    """
    turn_id = await _turn_of_retry(runs, memory, session, send) if send.retry else send.turn_id
    visitor = session.owner or ""
    state = await runs.start(session, send.text, turn_id, visitor=visitor, network=network)
    if send.attempt_id is None:
        if turn_id == send.turn_id:
            await _check_words(runs.tail(session, turn_id), send.text)
    elif state.ended and not send.retry and await _came_to_nothing(runs.tail(session, turn_id)):
        turn_id = send.attempt_id
        await runs.start(session, send.text, turn_id, visitor=visitor, network=network)
    return turn_id


async def _turn_of_retry(runs: Runs, memory: MemoryPort, session: Session, send: SendRequest) -> str:
    """The turn for retrying a message. Only a message without an answer can be retried, since memory only grows."""
    wanted = send.attempt_id or send.turn_id
    latest = await runs.current(session)
    if latest is not None and latest.turn_id == wanted:
        return wanted
    if latest is not None and latest.text == send.text:
        if not latest.ended:
            return latest.turn_id
        answered = not await _came_to_nothing(runs.tail(session, latest.turn_id))
    else:
        answered = await _is_remembered(memory, session, send.text)
    if answered:
        raise AlreadyAnswered
    return wanted


async def _is_remembered(memory: MemoryPort, session: Session, text: str) -> bool:
    window = (await memory.get_memory(session.memory_id)).messages
    return any(message.content == text and not message.is_reply for message in window)


async def _came_to_nothing(run: AsyncGenerator[Entry]) -> bool:
    """Whether the ended run left no exchange in the memory. A run that is no longer known can be tried again."""
    last: Event | None = None
    try:
        async with aclosing(run) as entries:
            async for entry in entries:
                last = entry.event
    except RunUnknown:
        return True
    return isinstance(last, TurnFailed) or (isinstance(last, TurnFinished | TurnStopped) and not last.remembered)


async def _check_words(run: AsyncGenerator[Entry], text: str) -> None:
    """Raises `TurnConflict`: the run answers another text than ``text``."""
    async with aclosing(run) as entries:
        async for entry in entries:
            if isinstance(entry.event, TurnStarted):
                if entry.event.text != text:
                    raise TurnConflict
                return
