"""The events of AG-UI 1.0 that this server sends. No I/O.

Clients do not take ``null`` for absent, and drop fields that they do not know: fields without a value are left out, and
what the protocol has no field for is in ``metadata``.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import Struct

from chat.domain.chat_error import ChatError
from chat.domain.sentences import sentence

SUBPROTOCOL = "ag-ui.v1"
PROTOCOL_VERSION = "1.0"


class ServedBy(Struct):
    """The worker that answers, and its process id."""

    worker: str
    pid: int


class StartMetadata(Struct):
    """What is known of an answer from its start."""

    servedBy: ServedBy  # noqa: N815 - the wire's own names, here and below


class RunStarted(Struct, tag_field="type", tag="RUN_STARTED", omit_defaults=True):
    """The run has begun."""

    threadId: str  # noqa: N815
    runId: str  # noqa: N815
    protocolVersion: str  # noqa: N815
    metadata: StartMetadata | None = None


class TextMessageStart(Struct, tag_field="type", tag="TEXT_MESSAGE_START"):
    """The reply begins. Its id is the same whenever it is sent again, and in the memory."""

    messageId: str  # noqa: N815
    role: str = "assistant"


class TextMessageContent(Struct, tag_field="type", tag="TEXT_MESSAGE_CONTENT"):
    messageId: str  # noqa: N815
    delta: str


class TextMessageEnd(Struct, tag_field="type", tag="TEXT_MESSAGE_END"):
    messageId: str  # noqa: N815


class ReasoningStart(Struct, tag_field="type", tag="REASONING_START"):
    """The model thinks before it answers. Its reasoning is not part of the reply and never remembered."""

    messageId: str  # noqa: N815


class ReasoningMessageStart(Struct, tag_field="type", tag="REASONING_MESSAGE_START"):
    messageId: str  # noqa: N815
    role: str = "reasoning"


class ReasoningMessageContent(Struct, tag_field="type", tag="REASONING_MESSAGE_CONTENT"):
    messageId: str  # noqa: N815
    delta: str


class ReasoningMessageEnd(Struct, tag_field="type", tag="REASONING_MESSAGE_END"):
    messageId: str  # noqa: N815


class ReasoningEnd(Struct, tag_field="type", tag="REASONING_END"):
    messageId: str  # noqa: N815


class MemoryState(Struct, omit_defaults=True):
    """The session's memory: the number of ``messages`` in the window, and the running summary, the ``context``.

    An answer adds what its prompt left out or found (see `chat.domain.events.MemoryLoaded`), a watched memory the
    number of the newest message ``folded`` into the summary and the state of the ``fold``.
    """

    messages: int
    context: str
    omitted: int | None = None
    recalled: tuple[str, ...] | None = None
    trouble: str | None = None
    folded: int | None = None
    fold: str | None = None


class State(Struct):
    """The agent's state: the memory."""

    memory: MemoryState


class StateSnapshot(Struct, tag_field="type", tag="STATE_SNAPSHOT"):
    """The whole state."""

    snapshot: State


class Replacement(Struct):
    """An operation of a JSON patch."""

    path: str
    value: MemoryState | int
    op: str = "replace"


class StateDelta(Struct, tag_field="type", tag="STATE_DELTA"):
    """What has changed in the state, as a JSON patch."""

    delta: list[Replacement]


class MessageMetadata(Struct):
    """``stopped``: the user stopped this reply."""

    stopped: bool


class SnapshotMessage(Struct, omit_defaults=True):
    """A message of the session, with the id that the stream gives to it."""

    id: str
    role: str
    content: str
    metadata: MessageMetadata | None = None


class MessagesSnapshot(Struct, tag_field="type", tag="MESSAGES_SNAPSHOT"):
    """The session's messages, which replace those of the client."""

    messages: list[SnapshotMessage]


class Outcome(Struct):
    """``success``, or ``cancelled``: the user stopped the answer, whose text so far stays."""

    type: str


class Result(Struct, omit_defaults=True):
    """Whether the exchange was ``remembered``, or else the ``reason``. ``cut``: ``length`` or ``content_filter``."""

    remembered: bool
    reason: str | None = None
    cut: str | None = None


class RunFinished(Struct, tag_field="type", tag="RUN_FINISHED", omit_defaults=True):
    """The run is over."""

    threadId: str  # noqa: N815
    runId: str  # noqa: N815
    outcome: Outcome
    result: Result | None = None


class RunNames(Struct, omit_defaults=True):
    """The run of an error, where TanStack AI looks for it."""

    runId: str  # noqa: N815


class ErrorMetadata(Struct, omit_defaults=True):
    """``retryable``: the same message may succeed later. ``turnId``: the turn that the session is busy with."""

    retryable: bool
    turnId: str | None = None  # noqa: N815
    tanstack: RunNames | None = None


class RunError(Struct, tag_field="type", tag="RUN_ERROR"):
    """The run has failed, and nothing of it is remembered."""

    message: str
    code: str
    metadata: ErrorMetadata


class Complaint(Struct):
    """What is wrong with a frame."""

    message: str
    code: str


class Custom(Struct, tag_field="type", tag="CUSTOM"):
    """An error that is not the end of a run: a frame was wrong while others are answered."""

    value: Complaint
    name: str = "error"


Event: TypeAlias = (
    RunStarted
    | TextMessageStart
    | TextMessageContent
    | TextMessageEnd
    | ReasoningStart
    | ReasoningMessageStart
    | ReasoningMessageContent
    | ReasoningMessageEnd
    | ReasoningEnd
    | StateSnapshot
    | StateDelta
    | MessagesSnapshot
    | RunFinished
    | RunError
    | Custom
)

_encoder = msgspec.json.Encoder()


def encode(event: Event) -> str:
    """The event as JSON."""
    return _encoder.encode(event).decode()


def run_error(error: ChatError, run_id: str = "") -> RunError:
    """The event that ends a run with ``error``."""
    turn_id = getattr(error, "turn_id", None)
    return failed(sentence(error), error.code, error.retryable, run_id, turn_id)


def failed(message: str, code: str, retryable: bool, run_id: str, turn_id: str | None = None) -> RunError:
    """The event that ends a run with an error."""
    return RunError(message, code, ErrorMetadata(retryable, turn_id, RunNames(run_id) if run_id else None))


def complaint(error: ChatError) -> Custom:
    """The event for an ``error`` that ends no run."""
    return Custom(Complaint(sentence(error), error.code))
