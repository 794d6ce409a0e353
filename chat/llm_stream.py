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

#: The last event of a stream: openai's own, and no JSON.
DONE = "[DONE]"


class StreamingClient(openai.AsyncOpenAI):
    """openai's client, whose streams are decoded by `JoiningDecoder`."""

    def _make_sse_decoder(self) -> Any:  # openai's own seam for other ways of decoding
        return JoiningDecoder()


@dataclass(frozen=True, slots=True)
class Event:
    """What openai's `AsyncStream` asks of an event."""

    data: str
    chunk: Any
    event: None = None

    def json(self) -> Any:
        """The chunk as the dict that it is on the wire."""
        return self.chunk


class JoiningDecoder:
    """Events of a stream of bytes. It holds a line that has not come to its end, and nothing else."""

    async def aiter_bytes(self, reads: AsyncIterator[bytes]) -> AsyncGenerator[Event]:
        """The events in ``reads``. Raises `ValueError` for one that is no JSON."""
        rest = b""
        async for read in reads:
            *lines, rest = (rest + read).split(b"\n")
            for event in joined(_events(lines)):
                yield event


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """The same events, those that only carry a piece of text joined with their likes next to them."""
    last: Event | None = None
    for event in events:
        if last is not None and _is_text(last.chunk) and _is_text(event.chunk):
            _delta(last.chunk)["content"] += _delta(event.chunk)["content"]
            continue
        if last is not None:
            yield last
        last = event
    if last is not None:
        yield last


def _events(lines: Iterable[bytes]) -> Iterator[Event]:
    for line in lines:
        if line.startswith(b"data:"):  # OpenAI's events are one line each
            text = line[5:].strip().decode()
            yield Event(text, None if text.startswith(DONE) else json.loads(text))


def _is_text(chunk: Any) -> bool:
    """Whether ``chunk`` is the next piece of the one answer and says nothing besides."""
    match chunk:
        case {"choices": [{"delta": {"content": str(), **others}, "finish_reason": None, **about}]}:
            others.pop("role", None)  # some servers say it with every piece, and name what there is not
            return not any((*others.values(), chunk.get("usage"), about.get("logprobs"), about.get("index")))
    return False


def _delta(chunk: Any) -> Any:
    return chunk["choices"][0]["delta"]
