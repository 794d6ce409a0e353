"""Decoding of the model's server-sent events, one read at a time: chunks in the same read are joined.

An event costs LangChain, the run log and the websocket the same, however short its text. A model writes events one by
one, but a slower reader finds several at once; joined, they cost as much as one.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import openai

from chat.domain.exceptions import ModelNotUnderstood, ModelStalled
from chat.model.chunks import Piece, piece_of

#: The last event of a stream, which is OpenAI's own and not JSON.
DONE = "[DONE]"
#: The beginnings of lines to be ignored: comments, and fields without a meaning here.
_OTHER_FIELDS = (b":", b"id:", b"retry:")


class StreamingClient(openai.AsyncOpenAI):
    """openai's client, with streams decoded by `JoiningDecoder`."""

    def _make_sse_decoder(self) -> Any:  # openai's own hook for other decoders
        return JoiningDecoder()


@dataclass(frozen=True, slots=True)
class ChunkEvent:
    """An event with a chunk, in the form that openai's `AsyncStream` expects. The last event has no ``piece``."""

    data: str
    piece: Piece | None
    event: None = None

    def json(self) -> Any:
        """The chunk as a dict, in the same form whichever server sent it."""
        return self.piece.chunk() if self.piece else None


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """An event that did not come from a chat model. Reading it raises `ModelNotUnderstood`."""

    data: str
    piece: None = None
    event: None = None

    def json(self) -> Any:
        """Raises `ModelNotUnderstood`, always."""
        raise ModelNotUnderstood


class JoiningDecoder:
    """Decodes a stream of bytes to events. It keeps an incomplete line and the state of the stream."""

    def __init__(self) -> None:
        self._kind = b""  # of the current event
        self._ended = False  # whether the stream has said that the answer is complete
        self._foreign = False  # whether there were lines that do not belong into a stream of events

    async def aiter_bytes(self, reads: AsyncIterator[bytes]) -> AsyncGenerator[ChunkEvent | UnreadableEvent]:
        """The events in ``reads``.

        Raises `ModelStalled`: the stream ended before the answer did; `ModelNotUnderstood`: it was not a stream of
        events. A single unreadable event raises that only when it is read.
        """
        rest = b""
        async for read in reads:
            *lines, rest = (rest + read).split(b"\n")
            for event in joined(self._events(lines)):
                self._ended = self._ended or _is_end(event)
                yield event
        for event in self._events([rest]):
            self._ended = self._ended or _is_end(event)
            yield event
        if not self._ended:
            raise ModelNotUnderstood if self._foreign else ModelStalled(begun=False)

    def _events(self, lines: Iterable[bytes]) -> Iterator[ChunkEvent | UnreadableEvent]:
        for line in lines:
            if line.startswith(b"data:"):  # OpenAI's events have one line each
                yield _event(line[5:].strip(), self._kind)
            elif line.startswith(b"event:"):
                self._kind = line[6:].strip()
            elif line.startswith((b"error:", b'{"error"')):  # of servers that leave the stream's form for an error
                yield _event(line.removeprefix(b"error:").strip(), b"error")
            elif not (text := line.strip()):
                self._kind = b""
            elif not text.startswith(_OTHER_FIELDS):
                self._foreign = True


def joined(events: Iterable[ChunkEvent | UnreadableEvent]) -> Iterator[ChunkEvent | UnreadableEvent]:
    """The same events, with adjacent chunks joined as far as they can be."""
    last: ChunkEvent | UnreadableEvent | None = None
    for event in events:
        if last is not None and last.piece and event.piece and (both := last.piece.joined(event.piece)):
            last = ChunkEvent(last.data, both)
            continue
        if last is not None:
            yield last
        last = event
    if last is not None:
        yield last


def _event(written: bytes, kind: bytes) -> ChunkEvent | UnreadableEvent:
    try:
        text = written.decode()
        if text.startswith(DONE):
            return ChunkEvent(text, None)
        if kind == b"error":
            return ChunkEvent(text, Piece(error=text or "no reason given"))
        return ChunkEvent(text, piece_of(json.loads(text)))
    except (ValueError, RecursionError, TypeError, AttributeError, LookupError):
        return UnreadableEvent("")


def _is_end(event: ChunkEvent | UnreadableEvent) -> bool:
    return bool(event.piece and event.piece.finish) or event.data.startswith(DONE)
