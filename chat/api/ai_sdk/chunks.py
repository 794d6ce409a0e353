"""Converts a turn's events to the UI message chunks of the AI SDK. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from chat.api.ai_sdk.frames import Chunk
from chat.api.ai_sdk.message_ids import reply_id
from chat.domain.events import (
    Event,
    MemoryLoaded,
    ReasoningDelta,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat.domain.messages import Memory

#: An answer has one text and one memory state, which a later one replaces. Reasoning that goes on behind text is
#: another part with the same id.
TEXT_ID = "text"
MEMORY_ID = "memory"
REASONING_ID = "reasoning"
QUESTION_ID = "question"


class ServedBy(Struct):
    """The worker that answers, and its process id."""

    worker: str
    pid: int


class AnswerMetadata(Struct):
    """A message's metadata, known from its start."""

    turnId: str  # noqa: N815 - the wire's own names, here and below
    servedBy: ServedBy  # noqa: N815


class StartChunk(Struct, tag_field="type", tag="start"):
    """A message begins. Its ``messageId`` is the same whenever the answer is replayed."""

    messageId: str  # noqa: N815
    messageMetadata: AnswerMetadata  # noqa: N815


class MemoryState(Struct, omit_defaults=True):
    """What the prompt contains in addition to the new message: see `chat.domain.events.MemoryLoaded`."""

    messages: int
    context: str = ""
    omitted: int = 0
    recalled: tuple[str, ...] = ()
    trouble: str = ""


class MemoryChunk(Struct, tag_field="type", tag="data-memory"):
    """The memory that the answer is based on; ``context`` is the running summary."""

    data: MemoryState
    id: str = MEMORY_ID


class WatchedMemory(Struct, omit_defaults=True):
    """A session's memory: the number of ``messages`` in the window, of those ``folded``, and the summary."""

    messages: int
    folded: int
    fold: str
    context: str = ""


class WatchedMemoryChunk(Struct, tag_field="type", tag="data-memory"):
    """The memory of a session that is watched. Transient: it is part of no message."""

    data: WatchedMemory
    id: str = MEMORY_ID
    transient: bool = True


class Question(Struct):
    """The user's message of a turn."""

    turnId: str  # noqa: N815
    text: str


class QuestionChunk(Struct, tag_field="type", tag="data-question"):
    """The user's message, for a client that resumes its answer and may not have it."""

    data: Question
    id: str = QUESTION_ID


class ReasoningStartChunk(Struct, tag_field="type", tag="reasoning-start"):
    """The model thinks before it answers. Its reasoning is not part of the reply and never remembered."""

    id: str = REASONING_ID


class ReasoningDeltaChunk(Struct, tag_field="type", tag="reasoning-delta"):
    delta: str
    id: str = REASONING_ID


class ReasoningEndChunk(Struct, tag_field="type", tag="reasoning-end"):
    id: str = REASONING_ID


class TextStartChunk(Struct, tag_field="type", tag="text-start"):
    id: str = TEXT_ID


class TextDeltaChunk(Struct, tag_field="type", tag="text-delta"):
    delta: str
    id: str = TEXT_ID


class TextEndChunk(Struct, tag_field="type", tag="text-end"):
    id: str = TEXT_ID


class Remembrance(Struct):
    """Sent only if the exchange could not be remembered, with the reason."""

    remembered: bool
    reason: str


class MetadataChunk(Struct, tag_field="type", tag="message-metadata"):
    messageMetadata: Remembrance  # noqa: N815


class FinishChunk(Struct, tag_field="type", tag="finish"):
    """The answer is over: ``stop`` if it is complete, otherwise ``length`` or ``content-filter`` has cut it short."""

    finishReason: str = "stop"  # noqa: N815


class AbortChunk(Struct, tag_field="type", tag="abort"):
    """The user stopped the answer; the text so far stays."""


class ErrorChunk(Struct, tag_field="type", tag="error"):
    """The turn failed, and nothing of it is remembered."""

    errorText: str  # noqa: N815
    code: str
    retryable: bool


AnswerChunk: TypeAlias = (
    StartChunk
    | QuestionChunk
    | MemoryChunk
    | WatchedMemoryChunk
    | ReasoningStartChunk
    | ReasoningDeltaChunk
    | ReasoningEndChunk
    | TextStartChunk
    | TextDeltaChunk
    | TextEndChunk
    | MetadataChunk
    | FinishChunk
    | AbortChunk
    | ErrorChunk
)


class AnswerFrames:
    """Converts a turn's events, in order, to the frames of one request. It keeps no text."""

    def __init__(self, request_id: str, *, resumed: bool = False) -> None:
        self._request_id = request_id
        self._resumed = resumed
        self._sequence = 0
        self._text_is_open = False
        self._reasoning_is_open = False

    def frames(self, event: Event) -> Iterator[Chunk]:
        """The frames for ``event``. `chat.domain.events.Restarted` has none: the connection must be closed instead."""
        for chunk in self._chunks(event):
            yield Chunk(self._request_id, self._sequence, chunk)
            self._sequence += 1

    def _chunks(self, event: Event) -> Iterator[AnswerChunk]:
        match event:
            case TextDelta(text):
                yield from self._open_text()
                yield TextDeltaChunk(text)
            case ReasoningDelta(text):
                yield from self._open_reasoning()
                yield ReasoningDeltaChunk(text)
            case TurnStarted():
                yield _start(event)
                if self._resumed:
                    yield QuestionChunk(Question(event.turn_id, event.text))
            case MemoryLoaded():
                yield MemoryChunk(_memory_state(event))
            case TurnFinished() | TurnStopped():
                yield from self._close_all()
                if event.reason is not None:
                    yield MetadataChunk(Remembrance(event.remembered, event.reason))
                yield _finish(event) if isinstance(event, TurnFinished) else AbortChunk()
            case TurnFailed():
                yield from self._close_all()
                yield ErrorChunk(event.reason, event.code, event.retryable)

    def _open_reasoning(self) -> Iterator[AnswerChunk]:
        if not self._reasoning_is_open:
            self._reasoning_is_open = True
            yield ReasoningStartChunk()

    def _close_reasoning(self) -> Iterator[AnswerChunk]:
        if self._reasoning_is_open:
            self._reasoning_is_open = False
            yield ReasoningEndChunk()

    def _open_text(self) -> Iterator[AnswerChunk]:
        yield from self._close_reasoning()
        if not self._text_is_open:
            self._text_is_open = True
            yield TextStartChunk()

    def _close_all(self) -> Iterator[AnswerChunk]:
        yield from self._close_reasoning()
        if self._text_is_open:
            self._text_is_open = False
            yield TextEndChunk()


def _start(event: TurnStarted) -> StartChunk:
    metadata = AnswerMetadata(event.turn_id, ServedBy(event.worker, event.pid))
    return StartChunk(reply_id(event.turn_id), metadata)


def _finish(event: TurnFinished) -> FinishChunk:
    return FinishChunk(event.cut.replace("_", "-")) if event.cut else FinishChunk()


def watched_memory(memory: Memory) -> WatchedMemoryChunk:
    """The chunk that shows ``memory``."""
    window = memory.window
    return WatchedMemoryChunk(
        WatchedMemory(len(memory.messages), window.folded, window.fold.value, memory.context or "")
    )


def _memory_state(event: MemoryLoaded) -> MemoryState:
    return MemoryState(event.messages, event.context or "", event.omitted, event.recalled, event.trouble or "")
