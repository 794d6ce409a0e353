"""The frames of the AI SDK's ``WebSocketChatTransport`` (npm ``ai`` 7), subprotocol ``ai-sdk.v1``. No I/O.

Its client ends the connection on an unknown frame type, a gap in ``sequence``, or a ``requestId`` that is not a
string. It does not treat ``null`` as absent, so fields without a value are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from chat.api.ai_sdk.message_ids import another_turn_of, turn_of
from chat.api.client_json import decoded, id_in
from chat.domain.exceptions import ChatError, InvalidFrame, TurnInProgress
from chat.domain.sentences import sentence

SUBPROTOCOL = "ai-sdk.v1"
#: Bytes in a frame: enough for a long history, which this client sends although the server ignores it.
MAX_FRAME = 4 * 1024 * 1024

#: Chosen by the client, and repeated in every frame about the request.
RequestId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128)]


SUBMIT, REGENERATE = "submit-message", "regenerate-message"


# --- What clients send ----------------------------------------------------------------------------------------------


class Body(Struct):
    """What the application adds to a request: ``idempotencyKey`` names the turn. The rest is ignored."""

    idempotencyKey: str | None = None  # noqa: N815 - the wire's own name


class Send(Struct, tag_field="type", tag="send"):
    """A message for the session ``id``: the last one of ``messages`` that the user wrote.

    ``messageId`` is the message that is edited or answered again. To edit is to submit a message in place of another.
    """

    requestId: RequestId  # noqa: N815 - the wire's own names, here and below
    id: str
    messages: list[Raw]
    trigger: str = SUBMIT
    messageId: str | None = None  # noqa: N815
    body: Body | None = None


class ResumeBody(Struct):
    """What the application adds to a resume: to ``watch`` the memory instead of the answer. The rest is ignored."""

    watch: Literal["memory"] | None = None


class Resume(Struct, tag_field="type", tag="resume"):
    """Replay the current or latest answer of the session ``id``, or watch its memory.

    ``lastSequence`` is accepted but ignored: another worker may have started the answer again, so it is always
    replayed from the start.
    """

    requestId: RequestId  # noqa: N815
    id: str
    lastSequence: Annotated[int, Meta(ge=0)] | None = None  # noqa: N815
    body: ResumeBody | None = None


class Abort(Struct, tag_field="type", tag="abort"):
    """Stop the answer to the request ``requestId`` (a send or a resume)."""

    requestId: RequestId  # noqa: N815


ClientFrame: TypeAlias = Send | Resume | Abort


class _Typed(Struct):
    type: str


class _Part(Struct):
    type: str
    text: str = ""


class _ClientMessage(Struct):
    role: str
    id: str = ""
    parts: list[_Part] = []


class _Authored(Struct):
    role: str


_TYPES = {"send", "resume", "abort"}
_TRIGGERS = {SUBMIT, REGENERATE}
_typed = msgspec.json.Decoder(_Typed)
_client_frame: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_role = msgspec.json.Decoder(_Authored)
_message = msgspec.json.Decoder(_ClientMessage)


def decode(frame: str) -> ClientFrame:
    """Decode a client's frame. Raises `InvalidFrame`, with a sentence about the mistake: it cannot be understood."""
    if len(frame) > MAX_FRAME or len(frame.encode()) > MAX_FRAME:
        raise InvalidFrame("too_long_history", length=len(frame), limit=MAX_FRAME)
    kind = decoded(_typed, frame).type
    if kind not in _TYPES:
        raise InvalidFrame("type", type=kind[:40], types="send, resume, abort")
    sent = decoded(_client_frame, frame)
    if isinstance(sent, Send) and sent.trigger not in _TRIGGERS:
        raise InvalidFrame("trigger", trigger=sent.trigger[:40])
    return sent


def request_id_of(frame: str) -> str:
    """The request id in a frame that cannot be decoded, for the error frame; "" if unknown."""
    return id_in(frame, "requestId")


class UserMessage(Struct):
    """The user's message, with the ``id`` that the client gave it ("" if none)."""

    id: str
    text: str


def last_user_message(messages: Sequence[Raw]) -> UserMessage:
    """The user's newest message; earlier ones are not decoded. Raises `InvalidFrame`: it is missing or has no text."""
    for raw in reversed(messages):
        if decoded(_role, raw).role == "user":
            message = decoded(_message, raw)
            break
    else:
        raise InvalidFrame("no_user_message")
    if any(part.type == "file" for part in message.parts):
        raise InvalidFrame("file")
    texts = [part.text for part in message.parts if part.type == "text"]
    if not texts:
        raise InvalidFrame("no_text")
    return UserMessage(message.id, "\n".join(texts))


def named_turn(frame: Send) -> str | None:
    """The ``idempotencyKey`` of a send, if it has one."""
    return frame.body.idempotencyKey if frame.body else None


def turn_id_of(frame: Send, message: UserMessage) -> str:
    """The turn of a send: its ``idempotencyKey``, or an id that is the same when the message is sent again.

    A message without an id is always a new one, since people may write the same text twice.
    """
    named = named_turn(frame)
    return named if named is not None else turn_of(message.id, message.text)


def new_attempt_id(frame: Send, message: UserMessage) -> str:
    """The id of a new turn for a message that had another before."""
    return another_turn_of(message.id, message.text, frame.requestId)


# --- What the server sends ------------------------------------------------------------------------------------------


class Start(Struct, tag_field="type", tag="start"):
    """The request was accepted; chunks follow."""

    requestId: str  # noqa: N815


class Chunk(Struct, tag_field="type", tag="chunk"):
    """The next piece of the answer; ``sequence`` counts from 0 in each request, without a gap."""

    requestId: str  # noqa: N815
    sequence: int
    chunk: Struct


class End(Struct, tag_field="type", tag="end"):
    """The request is over."""

    requestId: str  # noqa: N815


class Failure(Struct, tag_field="type", tag="error", omit_defaults=True):
    """The request failed, with a sentence and its ``code``. ``turnId`` is the turn that the session is busy with.

    ``retryable``: the same request may succeed later, if known after ``retryAfter`` seconds.
    """

    requestId: str  # noqa: N815
    errorText: str  # noqa: N815
    code: str = ""
    turnId: str = ""  # noqa: N815
    retryable: bool = False
    retryAfter: int | None = None  # noqa: N815


class NoActive(Struct, tag_field="type", tag="no-active"):
    """There is no answer to resume."""

    requestId: str  # noqa: N815


ServerFrame: TypeAlias = Start | Chunk | End | Failure | NoActive

_encoder = msgspec.json.Encoder()


def encode(frame: ServerFrame) -> str:
    """The frame as text for the socket."""
    return _encoder.encode(frame).decode()


def failure(request_id: str, error: ChatError) -> Failure:
    """The frame that reports ``error``."""
    turn_id = error.turn_id if isinstance(error, TurnInProgress) else ""
    return Failure(request_id, sentence(error), error.code, turn_id, error.retryable, error.retry_after)
