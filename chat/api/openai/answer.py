"""Converts a turn's events to OpenAI's chat completions, whole or in chunks. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

from chat.domain.events import Event, MemoryLoaded, ReasoningDelta, TextDelta, TurnFinished, TurnStopped
from chat.turns.prompt import tokens_in


class ReasoningTokens(Struct):
    """The part of the completion's tokens that the model thought with."""

    reasoning_tokens: int


class Usage(Struct):
    """Estimates: the site counts three characters as a token, for every model."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    completion_tokens_details: ReasoningTokens


class Remembrance(Struct, omit_defaults=True):
    """An addition of this site: where the exchange is remembered. ``reason`` says why it is not, if so."""

    session: str
    turn: str
    remembered: bool
    reason: str | None = None


class Delta(Struct, omit_defaults=True):
    role: str | None = None
    content: str | None = None
    reasoning_content: str | None = None


class ChunkChoice(Struct):
    delta: Delta
    finish_reason: str | None = None
    index: int = 0
    logprobs: None = None


class CompletionChunk(Struct):
    """One event of a stream."""

    id: str
    created: int
    model: str
    choices: list[ChunkChoice]
    object: str = "chat.completion.chunk"
    usage: Usage | UnsetType | None = UNSET
    memory: Remembrance | UnsetType = UNSET


class AssistantMessage(Struct):
    content: str
    role: str = "assistant"
    refusal: None = None
    reasoning_content: str | UnsetType = UNSET


class Choice(Struct):
    message: AssistantMessage
    finish_reason: str
    index: int = 0
    logprobs: None = None


class Completion(Struct):
    """A whole answer."""

    id: str
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    memory: Remembrance
    object: str = "chat.completion"


class Model(Struct):
    """The site's model."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str = "motorhead-chat"


class ModelList(Struct):
    """All models."""

    data: list[Model]
    object: str = "list"


Ended: TypeAlias = TurnFinished | TurnStopped


@dataclass(frozen=True, slots=True)
class Heading:
    """What all chunks of an answer have in common. ``created`` is in seconds."""

    session: str
    turn: str
    model: str
    created: int

    @property
    def id(self) -> str:
        """The completion's id, the same whenever the answer is replayed."""
        return f"chatcmpl-{self.turn}"


@dataclass(slots=True)
class Count:
    """Counts the tokens of an answer by its events."""

    prompt: int = 0
    text: int = 0
    reasoning: int = 0

    def add(self, event: Event) -> None:
        """Count what ``event`` brings."""
        match event:
            case MemoryLoaded(tokens=tokens):
                self.prompt = sum(tokens.values())
            case TextDelta(text):
                self.text += len(text)
            case ReasoningDelta(text):
                self.reasoning += len(text)

    @property
    def usage(self) -> Usage:
        """The tokens so far."""
        thought, said = tokens_in(self.reasoning), tokens_in(self.text)
        return Usage(self.prompt, thought + said, self.prompt + thought + said, ReasoningTokens(thought))


@dataclass(slots=True)
class AnswerChunks:
    """Converts a turn's events, in order, to the chunks of a stream. It keeps no text.

    ``begun``: a chunk with text or reasoning was made.
    """

    heading: Heading
    with_usage: bool = False
    count: Count = field(default_factory=Count)
    begun: bool = False

    def opening(self) -> CompletionChunk:
        """The first chunk, which says whose message it is."""
        return self._chunk(Delta(role="assistant", content=""))

    def chunks(self, event: Event) -> Iterator[CompletionChunk]:
        """The chunks for ``event``; none for one that failed or has begun again."""
        self.count.add(event)
        match event:
            case TextDelta(text):
                self.begun = True
                yield self._chunk(Delta(content=text))
            case ReasoningDelta(text):
                self.begun = True
                yield self._chunk(Delta(reasoning_content=text))
            case TurnFinished() | TurnStopped():
                last = self._chunk(Delta(), finish_reason(event))
                last.memory = remembrance(self.heading, event)
                yield last
                if self.with_usage:
                    yield self._of([], self.count.usage)

    def start_again(self) -> None:
        """Count from the start: what was read so far is void."""
        self.count = Count()

    def _chunk(self, delta: Delta, finish: str | None = None) -> CompletionChunk:
        return self._of([ChunkChoice(delta, finish)], None)

    def _of(self, choices: list[ChunkChoice], usage: Usage | None) -> CompletionChunk:
        head = self.heading
        return CompletionChunk(head.id, head.created, head.model, choices, usage=usage if self.with_usage else UNSET)


def completion(heading: Heading, ended: Ended, reasoning: str, usage: Usage) -> Completion:
    """The whole answer of a turn that has ``ended``."""
    message = AssistantMessage(ended.reply, reasoning_content=reasoning or UNSET)
    choices = [Choice(message, finish_reason(ended))]
    return Completion(heading.id, heading.created, heading.model, choices, usage, remembrance(heading, ended))


def finish_reason(ended: Ended) -> str:
    """Why the answer ended; a user's stop elsewhere is an end like any other."""
    return (isinstance(ended, TurnFinished) and ended.cut) or "stop"


def remembrance(heading: Heading, ended: Ended) -> Remembrance:
    """Where the exchange is remembered, or why it is not."""
    return Remembrance(heading.session, heading.turn, ended.remembered, ended.reason)
