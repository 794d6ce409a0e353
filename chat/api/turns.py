"""Finding the turn of a send: a new one, one that was sent before, or another attempt."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from chat.api.codec import Replaced, ResumeRequest, SendRequest
from chat.api.replacing import AlreadyShown, find_place
from chat.domain.events import Event, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import RunUnknown, TurnConflict, TurnInProgress
from chat.domain.messages import Message, Role
from chat.domain.runs import Entry, RunState
from chat.domain.session_ids import Session
from chat.runs.limits import TokenLimits
from chat.runs.runs import Runs
from chat.turns.ports import MemoryPort


async def begin_turn(
    runs: Runs,
    memory: MemoryPort,
    session: Session,
    send: SendRequest,
    network: str | None = None,
    token: TokenLimits | None = None,
) -> str:
    """Begin the turn of ``send`` if it has not been begun already, and return its id; "" if there is nothing to answer.

    The same message sent again is the same turn while it is being answered and for five minutes after, unless the turn
    failed: then it is another attempt. Raises the errors of `Runs.start` and of `find_place`, and `TurnConflict`: the
    turn's id belongs to another text; `MemoryServerError`.
    """
    if send.is_turn is not None and (known := await known_turn(runs, session, send.is_turn)) is not None:
        await _check_words(runs.tail(session, known), send.text)
        return known
    begin = partial(runs.start, session, send.text, visitor=session.owner or "", network=network, token=token)
    if send.replaced is not None:
        try:
            turn_id, place = await _replacing_turn(runs, memory, session, send, send.replaced)
        except AlreadyShown:
            return ""
        await begin(turn_id, replace_after=place)
        return turn_id
    state = await begin(send.turn_id)
    if send.attempt_id is None:
        await _check_words(runs.tail(session, send.turn_id), send.text)
    elif state.ended and await came_to_nothing(runs.tail(session, send.turn_id)):
        await begin(send.attempt_id)
        return send.attempt_id
    return send.turn_id


async def turn_to_show(runs: Runs, session: Session, asked: ResumeRequest) -> str:
    """The id of the turn that is asked for; "" if only the past is to be shown. Raises `RunUnknown`."""
    if asked.is_turn is not None:
        found = await known_turn(runs, session, asked.is_turn)
    else:
        latest = await runs.current(session)
        found = latest.turn_id if latest is not None else None
    if found is None and not asked.past:
        raise RunUnknown
    return found or ""


async def known_turn(runs: Runs, session: Session, is_turn: Callable[[str], bool]) -> str | None:
    """The id of the session's turn that ``is_turn`` recognises, if it is answered, or was five minutes ago."""
    latest = await runs.current(session)
    if latest is not None and is_turn(latest.turn_id):
        return latest.turn_id
    return next(filter(is_turn, await runs.ended(session)), None)


async def _replacing_turn(
    runs: Runs, memory: MemoryPort, session: Session, send: SendRequest, replaced: Replaced
) -> tuple[str, str | None]:
    """The turn of a send that may replace something, and the place behind which it does.

    What came to nothing is in no memory, so another attempt replaces nothing. Raises `AlreadyShown`.
    """
    turn_id = send.attempt_id or send.turn_id
    latest = await runs.current(session)
    if latest is not None and latest.turn_id == turn_id:
        return turn_id, None
    if latest is not None and latest.stopping:  # what it leaves in the memory is replaced, too
        latest = await runs.behind_stop(session)
        if latest is not None and latest.stopping:
            raise TurnInProgress(latest.turn_id)
    text = send.text if send.retry else None
    if latest is not None and _is_same(latest, send, replaced):
        if not latest.ended:
            return latest.turn_id, None
        if await came_to_nothing(runs.tail(session, latest.turn_id)):
            text = None  # that of an earlier message, if there is one
            replaced = replace(replaced, was_there=False)
    return turn_id, await find_place(memory, session, replaced, text)


def _is_same(latest: RunState, send: SendRequest, replaced: Replaced) -> bool:
    """Whether the latest turn answers the message that is sent: by its id for the client, or else by its text alone."""
    message = Message(Role.HUMAN, latest.text, key=latest.turn_id)
    return latest.text == send.text and (send.retry or replaced.is_it(message))


async def came_to_nothing(run: AsyncGenerator[Entry]) -> bool:
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
