"""Which turn a ``send`` of the AI SDK means: a new one, one that it asked for before, or another attempt."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chat.api.ai_sdk.frames import Send, UserMessage, last_user_message, named_turn, new_attempt_id, turn_id_of
from chat.domain.events import Event, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import AlreadyAnswered, RunUnknown, TurnConflict
from chat.domain.runs import Entry
from chat.domain.session_ids import Session
from chat.runs.runs import Runs
from chat.turns.ports import MemoryPort


async def begin_turn(runs: Runs, memory: MemoryPort, session: Session, frame: Send) -> str:
    """Begin the turn that ``frame`` asks for, or find it begun; its id.

    The same message sent again is the same turn while it is being answered and for five minutes after, unless it came
    to nothing: then it is tried again. Raises what `Runs.start` does, `AlreadyAnswered` for an answer that is to be
    made anew, `TurnConflict` where the turn's id is taken, `InvalidFrame` and `MemoryServerError`.
    """
    message = last_user_message(frame.messages)
    turn_id = turn_id_of(frame, message)
    if retry := frame.trigger == "regenerate-message":
        turn_id = await _turn_of_retry(runs, memory, session, frame, message)
    visitor = session.owner or ""
    state = await runs.start(session, message.text, turn_id, visitor=visitor)
    if turn_id == named_turn(frame):
        await _check_words(runs.tail(session, turn_id), message.text)
    elif state.ended and not retry and await _came_to_nothing(runs.tail(session, turn_id)):
        turn_id = new_attempt_id(frame, message)
        await runs.start(session, message.text, turn_id, visitor=visitor)
    return turn_id


async def _turn_of_retry(runs: Runs, memory: MemoryPort, session: Session, frame: Send, message: UserMessage) -> str:
    """The turn that answers ``message`` again: only a message without an answer gets one, for memory only grows."""
    named = named_turn(frame)
    wanted = new_attempt_id(frame, message) if named is None else named
    latest = await runs.current(session)
    if latest is not None and latest.turn_id == wanted:
        return wanted
    if latest is not None and latest.text == message.text:
        if not latest.ended:
            return latest.turn_id
        answered = not await _came_to_nothing(runs.tail(session, latest.turn_id))
    else:
        answered = await _is_remembered(memory, session, message.text)
    if answered:
        raise AlreadyAnswered
    return wanted


async def _is_remembered(memory: MemoryPort, session: Session, text: str) -> bool:
    window = (await memory.get_memory(session.memory_id)).messages
    return any(message.content == text and not message.is_reply for message in window)


async def _came_to_nothing(run: AsyncGenerator[Entry]) -> bool:
    """Whether the ended run left no exchange in the memory. One that nobody knows any more may be tried again."""
    last: Event | None = None
    try:
        async with aclosing(run) as entries:
            async for entry in entries:
                last = entry.event
    except RunUnknown:
        return True
    return isinstance(last, TurnFailed) or (isinstance(last, TurnFinished | TurnStopped) and not last.remembered)


async def _check_words(run: AsyncGenerator[Entry], text: str) -> None:
    """Raises `TurnConflict` when the run answers other words than ``text``."""
    async with aclosing(run) as entries:
        async for entry in entries:
            if isinstance(entry.event, TurnStarted):
                if entry.event.text != text:
                    raise TurnConflict
                return
