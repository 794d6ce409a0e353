"""One turn: load the memory, ask the model, append the exchange. It knows neither Django nor Redis."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import cast

from chat.domain.events import Event, MemoryLoaded, TextDelta, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import (
    ChatError,
    InvalidText,
    InvalidTurn,
    MemoryServerError,
    ModelCut,
    ModelSilent,
    TurnConflict,
)
from chat.domain.messages import STOPPED_MARK, FoldState, Memory, Message, Role
from chat.domain.sentences import Situation, sentence
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort, ModelPort
from chat.turns.prompt import build_prompt

TURN_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the user to be answered, by ``worker`` in process ``pid``."""

    session: Session
    turn_id: str
    text: str
    worker: str
    pid: int


@dataclass(frozen=True, slots=True)
class Persona:
    """The ``system`` text, the ``budget`` of the whole prompt in tokens, how many lines are ``recalled`` at most."""

    system: str
    budget: int
    recalled: int = 0


class Stop:
    """The user's wish to stop, which reaches into a model stream that is waiting for its next piece."""

    def __init__(self) -> None:
        self.wished = False
        self._waiting: asyncio.Task[object] | None = None

    def wish(self) -> None:
        """End the stream now, or keep it from starting."""
        if self.wished:
            return
        self.wished = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def until(self, stream: AsyncGenerator[str]) -> AsyncGenerator[str]:
        """``stream``, up to the wish. A cancellation that is not the wish's passes through."""
        async with aclosing(stream):
            while not self.wished:
                try:
                    text = await self._next(stream)
                except StopAsyncIteration:
                    return
                if text is not None:
                    yield text

    async def _next(self, stream: AsyncGenerator[str]) -> str | None:
        # Cancelling only while waiting here (no timer, no task a token) is what makes it cheap; see asyncio.timeout.
        task = cast(asyncio.Task[object], asyncio.current_task())
        cancelled_before = task.cancelling()
        self._waiting = task
        try:
            return await anext(stream)
        except asyncio.CancelledError:
            if not self.wished or task.uncancel() > cancelled_before:
                raise
            return None
        finally:
            self._waiting = None


#: Writes the reply down before it is appended. False: the user has stopped it meanwhile.
Commit = Callable[[str, bool, str | None], Awaitable[bool]]


async def run_turn(
    turn: Turn,
    persona: Persona,
    memory: MemoryPort,
    model: ModelPort,
    stop: Stop,
    commit: Commit,
    load: Awaitable[Memory] | None = None,
) -> AsyncGenerator[Event]:
    """Every event of the turn, the last of them terminal. ``load``: its memory, where that is being loaded already.

    ``commit(reply, stopped, epoch)`` is called once the reply is whole and before it is appended; after it the turn
    can no longer be stopped. Nothing is appended unless the model answered, and then the message and the reply in one
    append; what the model itself cut short is an answer, too. Cancelling it before ``commit`` leaves nothing behind;
    after it, `remember` under the same turn id finishes what was begun.
    """
    yield TurnStarted(turn.turn_id, turn.text, turn.worker, turn.pid)
    reply: list[str] = []
    cut = None
    try:
        loaded = await (load or memory.get_memory(turn.session.memory_id))
        recalled, trouble = await _recall(memory, turn, loaded, persona.recalled)
        prompt = build_prompt(loaded, turn.text, system=persona.system, budget=persona.budget, recalled=recalled)
        told = len(loaded.messages) - prompt.omitted
        yield MemoryLoaded(loaded.context, told, prompt.omitted, tuple(recalled), trouble, loaded.epoch)
        async with aclosing(stop.until(model.stream_reply(prompt.messages))) as stream:
            async for piece in stream:
                text = piece.encode(errors="replace").decode()  # half a character is legal in JSON, and nowhere else
                reply.append(text)
                yield TextDelta(text)
    except ChatError as error:
        if not (isinstance(error, ModelCut) and reply):
            yield _failed(error, "".join(reply))
            return
        cut = error.cut
    whole = "".join(reply)
    stopped = stop.wished
    if whole and not stopped:
        stopped = not await commit(whole, False, loaded.epoch)
    if whole and stopped:
        await commit(whole, True, loaded.epoch)
    ended = await remember(memory, turn, whole, stopped=stopped, epoch=loaded.epoch)
    yield replace(ended, cut=cut) if isinstance(ended, TurnFinished) else ended


async def _recall(memory: MemoryPort, turn: Turn, loaded: Memory, most: int) -> tuple[list[str], str | None]:
    """At most ``most`` lines that the window does not hold, nearest first; and why there are none, if that is an error.

    Without them the model still has the summary and the window, so the turn goes on.
    """
    all_in_window = loaded.window.fold is not FoldState.UNKNOWN and not loaded.window.folded
    if not most or all_in_window:
        return [], None
    try:
        found = await memory.recall(turn.session.memory_id, turn.text)
    except MemoryServerError as error:
        return [], sentence(error, Situation.RECALLING)
    window = {(message.role, message.content) for message in loaded.messages}
    lines = [f"{each.role}: {each.content}" for each in found if (each.role, each.content) not in window]
    return lines[:most], None


async def remember(
    memory: MemoryPort, turn: Turn, reply: str, *, stopped: bool, epoch: str | None, again: bool = False
) -> TurnFinished | TurnStopped | TurnFailed:
    """Append the exchange, maybe ``again``, and say how it went.

    A turn stopped before its first word leaves nothing to remember.
    """
    ended = TurnStopped if stopped else TurnFinished
    if not reply:
        return TurnStopped("", remembered=False) if stopped else _failed(ModelSilent())
    try:
        exchange = _exchange(turn.text, reply, stopped=stopped)
        await memory.append_messages(turn.session, exchange, turn_id=turn.turn_id, epoch=epoch, again=again)
    except TurnConflict as error:  # it was remembered before, with other words: these must not be saved again
        return _failed(error, reply)
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


def check_text(text: str, limit: int) -> str:
    """``text`` as a message. Raises `InvalidText` when it is empty, too long, or holds half characters."""
    if not text.strip():
        raise InvalidText("empty")
    if len(text) > limit:
        raise InvalidText("too_long", length=len(text), limit=limit)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidText("not_unicode") from None
    return text


def check_turn_id(turn_id: str) -> str:
    """``turn_id`` as it is. Raises `InvalidTurn` when it is malformed."""
    if not TURN_ID.fullmatch(turn_id):
        raise InvalidTurn
    return turn_id


def _exchange(text: str, reply: str, *, stopped: bool) -> list[Message]:
    return [Message(Role.HUMAN, text), Message(Role.AI, reply + STOPPED_MARK if stopped else reply)]


def _failed(error: ChatError, reply: str = "") -> TurnFailed:
    return TurnFailed(error.code, sentence(error), error.retryable, reply)
