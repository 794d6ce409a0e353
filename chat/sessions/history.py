"""The history of a session: its messages, page by page, and the question that is being answered."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

from chat.domain.events import TurnStarted
from chat.domain.exceptions import MemoryRefused, RunUnknown
from chat.domain.messages import Message, MessagePage
from chat.domain.runs import RunState
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort, RunsPort

#: Seconds to wait for the first entry of a run that has just begun.
BEGUN = 2.0

_NO_SUCH_CALL = 404


@dataclass(frozen=True, slots=True)
class Question:
    """A message of the user that is not remembered: it is ``being_answered``, or its turn failed a moment ago."""

    turn_id: str
    text: str
    being_answered: bool


@dataclass(frozen=True, slots=True)
class History:
    """A page of messages, oldest first. ``before`` is the cursor of the page before it, if any.

    The newest page has the ``question`` behind its messages, if there is one.
    """

    messages: tuple[Message, ...]
    before: str | None
    question: Question | None = None


async def history(session: Session, before: str | None, limit: int, memory: MemoryPort, runs: RunsPort) -> History:
    """Up to ``limit`` messages before the one with the id ``before`` (None: the newest).

    What a turn in progress will replace is left out. Raises `MemoryServerError` and `RunLogUnreachable`.
    """
    run = await runs.current(session) if before is None else None
    page = await _page(session, before, limit, memory)
    if run is None:
        return History(page.messages, page.before)
    messages = _named(page.messages, run)
    if any(message.key == run.turn_id for message in messages):
        return History(messages, page.before)
    replaced = await _replaced_behind(session, run, runs)
    if replaced is not None:
        if run.ended:  # it came to nothing, so the exchange that it was to replace stands
            return History(messages, page.before)
        messages = tuple(message for message in messages if int(message.id or 0) <= replaced)
    return History(messages, page.before, Question(run.turn_id, run.text, not run.ended))


async def _page(session: Session, before: str | None, limit: int, memory: MemoryPort) -> MessagePage:
    """The original memory server has no history: there, the window is all."""
    try:
        return await memory.list_messages(session.memory_id, before=before, limit=limit)
    except MemoryRefused as error:
        if error.status != _NO_SUCH_CALL:
            raise
    window = (await memory.get_memory(session.memory_id)).messages if before is None else ()
    return MessagePage(window, None)


def _named(messages: tuple[Message, ...], run: RunState) -> tuple[Message, ...]:
    """``messages``, of which the newest two name the ended ``run`` where the memory server does not name turns."""
    match messages:
        case (*older, Message(content=text, key=None) as said, Message(key=None, is_reply=True) as reply):
            if run.ended and text == run.text and not said.is_reply:
                return (*older, replace(said, key=run.turn_id), replace(reply, key=run.turn_id))
    return messages


async def _replaced_behind(session: Session, run: RunState, runs: RunsPort) -> int | None:
    """The number of the message behind which the run replaces all; None if it replaces none."""
    try:
        async with asyncio.timeout(BEGUN), aclosing(runs.tail(session, run.turn_id)) as entries:
            async for entry in entries:
                if isinstance(entry.event, TurnStarted) and entry.event.replace_after is not None:
                    return int(entry.event.replace_after)
                break
    except (RunUnknown, TimeoutError):
        pass
    return None
