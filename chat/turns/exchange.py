"""A message and its reply: remembered in one append, at once or later."""

from __future__ import annotations

from chat.domain.events import TurnFailed, TurnFinished, TurnStopped
from chat.domain.exceptions import ChatError, MemoryServerError, ModelSilent, TurnConflict
from chat.domain.messages import STOPPED_MARK, Message, Role
from chat.domain.runs import Turn
from chat.domain.sentences import sentence
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort


async def remember(
    memory: MemoryPort, turn: Turn, reply: str, *, stopped: bool, epoch: str | None, again: bool = False
) -> TurnFinished | TurnStopped | TurnFailed:
    """Append the exchange, maybe ``again``, and say how it went.

    A turn stopped before its first word leaves nothing to remember.
    """
    ended = TurnStopped if stopped else TurnFinished
    if not reply:
        return TurnStopped("", remembered=False) if stopped else failed(ModelSilent())
    try:
        exchange = _exchange(turn.text, reply, stopped=stopped)
        await memory.append_messages(turn.session, exchange, turn_id=turn.turn_id, epoch=epoch, again=again)
    except TurnConflict as error:  # it was remembered before, with other words: these must not be saved again
        return failed(error, reply)
    except MemoryServerError as error:
        return ended(reply, remembered=False, reason=sentence(error), epoch=epoch)
    return ended(reply, epoch=epoch)


async def save_again(
    memory: MemoryPort,
    session: Session,
    turn_id: str,
    text: str,
    reply: str,
    *,
    stopped: bool,
    epoch: str | None,
) -> None:
    """Append an exchange that could not be remembered when it was said; under the same turn id, so never twice."""
    exchange = _exchange(text, reply, stopped=stopped)
    await memory.append_messages(session, exchange, turn_id=turn_id, epoch=epoch, again=True)


def _exchange(text: str, reply: str, *, stopped: bool) -> list[Message]:
    return [Message(Role.HUMAN, text), Message(Role.AI, reply + STOPPED_MARK if stopped else reply)]


def failed(error: ChatError, reply: str = "") -> TurnFailed:
    """The end of a turn that ``error`` has ended, after ``reply``."""
    return TurnFailed(error.code, sentence(error), error.retryable, reply)
