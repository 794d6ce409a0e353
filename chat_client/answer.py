"""Turns the chunks of an answer into events, each once, however often the answer is replayed. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chat_client.events import (
    Delta,
    Event,
    MemoryLoaded,
    ReasoningDelta,
    Restarted,
    TextDelta,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat_client.exceptions import ChatError, NotUnderstood, TurnFailed
from chat_client.passage import Contradicted, Passage


class Answer:
    """The answer to one message. ``text`` is the message; None: it comes with the answer, which is resumed."""

    def __init__(self, text: str | None = None) -> None:
        self._text = text
        self._beginning: Mapping[str, Any] = {}
        self._started: TurnStarted | None = None
        self._memory: MemoryLoaded | None = None
        self._passages: dict[type[Delta], Passage] = {ReasoningDelta: Passage(), TextDelta: Passage()}
        self._unremembered: Mapping[str, Any] = {}

    @property
    def begun(self) -> bool:
        """Whether anything of it has come."""
        return self._started is not None

    def replay(self) -> None:
        """Begin from the start: the next chunk is the first of the answer."""
        for passage in self._passages.values():
            passage.replay()

    def events(self, chunk: Mapping[str, Any]) -> Iterator[Event]:
        """The events of a chunk that have not been yielded before.

        Raises `TurnFailed`: the turn has; `ChatError` (``run_unknown``): the chunk is of another turn; `NotUnderstood`.
        """
        try:
            yield from self._events(chunk)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NotUnderstood(f"The site has sent a chunk {chunk['type']!r} that has not what it needs.") from None

    def _events(self, chunk: Mapping[str, Any]) -> Iterator[Event]:
        match chunk["type"]:
            case "start":
                self._beginning = chunk
                if self._text is not None:
                    yield from self._start(self._text)
            case "data-question":
                yield from self._start(chunk["data"]["text"])
            case "data-memory":
                yield from self._load(_memory_in(chunk["data"]))
            case "reasoning-delta":
                yield from self._add(ReasoningDelta(chunk["delta"]))
            case "text-delta":
                yield from self._add(TextDelta(chunk["delta"]))
            case "message-metadata":
                self._unremembered = chunk["messageMetadata"]
            case "finish" | "abort" | "error":
                yield from self._end(chunk)

    def _start(self, text: str) -> Iterator[Event]:
        metadata = self._beginning["messageMetadata"]
        served_by = metadata["servedBy"]
        started = TurnStarted(
            metadata["turnId"], self._beginning["messageId"], text, served_by["worker"], served_by["pid"]
        )
        first, self._started = self._started, self._started or started
        if first is None:
            yield started
        elif first.turn_id != started.turn_id:
            raise ChatError("run_unknown", "The session has gone on: another answer has taken the place of this one.")

    def _load(self, memory: MemoryLoaded) -> Iterator[Event]:
        if memory != self._memory:
            self._memory = memory
            yield memory

    def _add(self, delta: Delta) -> Iterator[Event]:
        passage = self._passages[type(delta)]
        try:
            if new := passage.add(delta.text):
                yield type(delta)(new)
        except Contradicted:
            yield from self._restart()
            yield type(delta)(passage.add(delta.text))

    def _restart(self) -> Iterator[Event]:
        """Void what was yielded, and yield the replay so far."""
        yield Restarted()
        yield from (each for each in (self._started, self._memory) if each is not None)
        for kind, passage in self._passages.items():
            if replayed := passage.restart():
                yield kind(replayed)

    def _end(self, chunk: Mapping[str, Any]) -> Iterator[Event]:
        reply = self._passages[TextDelta].text
        if chunk["type"] == "error":
            failed = TurnFailed(chunk["code"], chunk["errorText"], retryable=chunk["retryable"])
            failed.reply = reply
            raise failed
        if not all(passage.is_whole for passage in self._passages.values()):
            yield from self._restart()
        remembered, reason = self._unremembered.get("remembered", True), self._unremembered.get("reason")
        if chunk["type"] == "abort":
            yield TurnStopped(reply, remembered, reason)
        else:
            cut = chunk["finishReason"]
            yield TurnFinished(reply, remembered, reason, None if cut == "stop" else cut)


def _memory_in(found: Mapping[str, Any]) -> MemoryLoaded:
    return MemoryLoaded(
        found.get("context"),
        found["messages"],
        found.get("omitted", 0),
        tuple(found.get("recalled", ())),
        found.get("trouble"),
    )
