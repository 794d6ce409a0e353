"""The model's stream of server-sent events, decoded a read at a time: pieces of text that come together become one.

Each event costs LangChain, the run log and the websocket the same, however short its text. A model writes them one by
one, and a reader that takes its time finds several at once; joined, they cost like one.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import openai

from chat.domain.exceptions import ModelNotUnderstood, ModelStalled

#: The last event of a stream: openai's own, and no JSON.
DONE = "[DONE]"
#: What other lines of a stream of events begin with: comments, and fields that say nothing here.
_OTHER_FIELDS = (b":", b"id:", b"retry:")


class StreamingClient(openai.AsyncOpenAI):
    """openai's client, whose streams are decoded by `JoiningDecoder`."""

    def _make_sse_decoder(self) -> Any:  # openai's own seam for other ways of decoding
        return JoiningDecoder()


@dataclass(frozen=True, slots=True)
class ChunkEvent:
    """What openai's `AsyncStream` asks of an event."""

    data: str
    chunk: Any
    event: None = None

    def json(self) -> Any:
        """The chunk as the dict that it is on the wire."""
        return self.chunk


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """An event that is none of a chat model's. Taking it for one raises `ModelNotUnderstood`."""

    data: str
    chunk: None = None
    event: None = None

    def json(self) -> Any:
        """Nothing that anybody could use."""
        raise ModelNotUnderstood


class JoiningDecoder:
    """Events of a stream of bytes. It holds a line that has not come to its end, and what it knows of the stream."""

    def __init__(self) -> None:
        self._kind = b""  # of the event whose lines are coming
        self._ended = False  # the answer, in its own words: by a finish reason
        self._foreign = False  # lines that are none of a stream of events

    async def aiter_bytes(self, reads: AsyncIterator[bytes]) -> AsyncGenerator[ChunkEvent | UnreadableEvent]:
        """The events in ``reads``.

        Raises `ModelStalled` where they end before the answer does, and `ModelNotUnderstood` where they are something
        else than events. A single event that is nothing of a model's raises it when it is taken.
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
            if line.startswith(b"data:"):  # OpenAI's events are one line each
                yield _event(line[5:].strip(), self._kind)
            elif line.startswith(b"event:"):
                self._kind = line[6:].strip()
            elif not (text := line.strip()):
                self._kind = b""
            elif not text.startswith(_OTHER_FIELDS):
                self._foreign = True


def joined(events: Iterable[ChunkEvent | UnreadableEvent]) -> Iterator[ChunkEvent | UnreadableEvent]:
    """The same events, those that only carry a piece of text joined with their likes next to them."""
    last: ChunkEvent | UnreadableEvent | None = None
    for event in events:
        if last is not None and _is_text(last.chunk) and _is_text(event.chunk):
            _delta(last.chunk)["content"] += _delta(event.chunk)["content"]
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
            return ChunkEvent(text, {"error": text or "no word on it"})  # as openai's client knows errors
        chunk = json.loads(text)
    except (ValueError, RecursionError):
        return UnreadableEvent("")
    return ChunkEvent(text, chunk) if isinstance(chunk, dict) else UnreadableEvent(text)


def _is_end(event: ChunkEvent | UnreadableEvent) -> bool:
    match event.chunk:
        case {"choices": [{"finish_reason": str()}, *_]}:
            return True
    return event.data.startswith(DONE)


def _is_text(chunk: Any) -> bool:
    """Whether ``chunk`` is the next piece of the one answer and says nothing besides."""
    match chunk:
        case {"choices": [{"delta": {"content": str(), **others}, "finish_reason": None, **about}]}:
            others.pop("role", None)  # some servers say it with every piece, and name what there is not
            return not any((*others.values(), chunk.get("usage"), about.get("logprobs"), about.get("index")))
    return False


def _delta(chunk: Any) -> Any:
    return chunk["choices"][0]["delta"]
