"""Exchanges: a message and its reply, remembered in one append, at once or later."""

from __future__ import annotations

from collections.abc import Callable

from chat.domain.events import TurnFailed, TurnFinished, TurnStopped
from chat.domain.exceptions import (
    ChatError,
    MemoryServerError,
    MessageFolded,
    NotSupported,
    TurnConflict,
    UnknownMessage,
)
from chat.domain.messages import STOPPED_MARK, Message, Role
from chat.domain.runs import Turn
from chat.domain.sentences import sentence
from chat.domain.session_ids import Session
from chat.turns.outcome import Answered, Cut, Failed, Outcome, Stopped, failed
from chat.turns.ports import MemoryPort

#: Errors after which an exchange cannot be saved again: it is remembered with different words, or what it was to
#: replace is folded or gone.
NEVER = (TurnConflict, MessageFolded, UnknownMessage, NotSupported)


async def remember(
    memory: MemoryPort,
    turn: Turn,
    outcome: Outcome,
    *,
    epoch: str | None,
    again: bool = False,
    on_miss: Callable[[ChatError], None] = lambda error: None,
) -> TurnFinished | TurnStopped | TurnFailed:
    """Append the exchange if there is one, and return the turn's last event.

    ``again``: it may have been appended before. ``on_miss`` is called with the error of an append that fails.
    """
    if isinstance(outcome, Failed):
        return outcome.event
    if not outcome.reply:
        return TurnStopped("", remembered=False)
    try:
        exchange = _exchange(turn.text, outcome.reply, stopped=isinstance(outcome, Stopped))
        await memory.append_messages(
            turn.session,
            exchange,
            turn_id=turn.turn_id,
            epoch=epoch,
            again=again,
            replace_after=turn.replace_after,
        )
    except NEVER as error:
        on_miss(error)
        return failed(error, outcome.reply)
    except MemoryServerError as error:
        on_miss(error)
        return _ended(outcome, epoch, reason=sentence(error))
    return _ended(outcome, epoch)


async def save_again(
    memory: MemoryPort,
    session: Session,
    turn_id: str,
    text: str,
    reply: str,
    *,
    stopped: bool,
    epoch: str | None,
    replace_after: str | None = None,
) -> None:
    """Append an exchange that could not be remembered earlier; its turn id keeps it from being appended twice."""
    exchange = _exchange(text, reply, stopped=stopped)
    await memory.append_messages(
        session, exchange, turn_id=turn_id, epoch=epoch, again=True, replace_after=replace_after
    )


def _exchange(text: str, reply: str, *, stopped: bool) -> list[Message]:
    return [Message(Role.HUMAN, text), Message(Role.AI, reply + STOPPED_MARK if stopped else reply)]


def _ended(
    outcome: Answered | Cut | Stopped, epoch: str | None, reason: str | None = None
) -> TurnFinished | TurnStopped:
    """The last event of a turn, which was remembered unless there is a ``reason``."""
    remembered = reason is None
    match outcome:
        case Stopped(reply):
            return TurnStopped(reply, remembered, reason, epoch)
        case Cut(reply, by):
            return TurnFinished(reply, remembered, reason, epoch, by)
        case Answered(reply):
            return TurnFinished(reply, remembered, reason, epoch)
