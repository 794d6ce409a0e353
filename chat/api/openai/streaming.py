"""An answer as it comes: server-sent events, or the whole when it has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator

import msgspec

from chat.api.connection import COMMENT, SILENCE
from chat.api.openai.answer import AnswerChunks, Completion, Count, Ended, Heading, completion
from chat.api.openai.door import reported
from chat.api.openai.errors import refusal_of
from chat.api.openai.reading import Reading
from chat.domain.events import (
    Event,
    MemoryLoaded,
    ReasoningDelta,
    ReasoningEnded,
    Restarted,
    TurnFailed,
    TurnStarted,
)
from chat.domain.exceptions import AnswerRestarted, ChatError, TurnConflict, Unforeseen

logger = logging.getLogger(__name__)

#: Seconds for which a stream's status waits for the first word, so that an early failure has a status of its own.
STATUS_WITHIN = 10.0

DONE = b"data: [DONE]\n\n"


async def first_event(reading: Reading, text: str, count: Count) -> Event | None:
    """The first delta or the end of the answer to ``text``; None if neither comes within `STATUS_WITHIN`.

    Raises `TurnConflict`: the turn is that of another text.
    """
    deadline = asyncio.get_running_loop().time() + STATUS_WITHIN
    while (left := deadline - asyncio.get_running_loop().time()) > 0 and (event := await reading.next(left)):
        match event:
            case TurnStarted() if event.text != text:
                raise TurnConflict("key")
            case MemoryLoaded():
                count.add(event)
            case TurnStarted() | ReasoningEnded() | Restarted():
                pass
            case _:
                return event
    return None


async def stream(reading: Reading, first: Event | None, chunks: AnswerChunks) -> AsyncGenerator[bytes]:
    """The events of a stream. An error after its status ends it as an event of its own."""
    try:
        yield _event(chunks.opening())
        event = first or await reading.next(SILENCE)
        while True:
            if event is None:
                yield COMMENT
            else:
                for chunk in _chunks(event, chunks):
                    yield chunk
                del event  # no text is kept while waiting
            if reading.ended:
                return
            event = await reading.next(SILENCE)
    except ChatError as error:
        yield _event(reported(error).body)
    except Exception:
        logger.exception("A streamed completion failed unexpectedly.")
        yield _event(reported(Unforeseen()).body)


def _chunks(event: Event, chunks: AnswerChunks) -> list[bytes]:
    """The events of a stream for ``event``. Raises `AnswerRestarted`: what was sent is void."""
    if isinstance(event, Restarted):
        if chunks.begun:
            raise AnswerRestarted
        chunks.start_again()
    if isinstance(event, TurnFailed):
        return [_event(refusal_of(event).body)]
    said = [_event(chunk) for chunk in chunks.chunks(event)]
    return [*said, DONE] if isinstance(event, Ended) else said


async def whole(reading: Reading, first: Event | None, heading: Heading, count: Count) -> Completion | TurnFailed:
    """The whole answer, or the event with which the turn has failed."""
    reasoning: list[str] = []
    event = first or await reading.next()
    while True:
        if isinstance(event, Restarted):
            count, reasoning = Count(), []
        elif isinstance(event, ReasoningDelta):
            reasoning.append(event.text)
        elif isinstance(event, TurnFailed):
            return event
        elif isinstance(event, Ended):
            return completion(heading, event, "".join(reasoning), count.usage)
        if event is not None:
            count.add(event)
        event = await reading.next()


def _event(body: msgspec.Struct) -> bytes:
    return b"data: " + msgspec.json.encode(body) + b"\n\n"
