"""The frames of the AI SDK's ``WebSocketChatTransport`` (npm ``ai`` 7), subprotocol ``ai-sdk.v1``. No I/O.

Its client takes an unknown frame type, a gap in ``sequence``, and a ``requestId`` that is no string for the end of
the connection, and ``null`` is no absent key to it: fields that have nothing to say are left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, TypeAlias, TypeVar
from uuid import uuid4

import msgspec
from msgspec import Meta, Raw, Struct

from chat.domain.exceptions import ChatError, InvalidFrame, TurnInProgress
from chat.domain.sentences import sentence

T = TypeVar("T")

SUBPROTOCOL = "ai-sdk.v1"
#: Bytes in a frame: room for a long history, which this client sends along although nobody reads it.
MAX_FRAME = 4 * 1024 * 1024

#: Chosen by the client, and said again in every frame about the request.
RequestId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128)]


# --- What clients send ----------------------------------------------------------------------------------------------


class Body(Struct):
    """What the application adds to a request: ``idempotencyKey`` names the turn. The rest is not looked at."""

    idempotencyKey: str | None = None  # noqa: N815 - the wire's own name


class Send(Struct, tag_field="type", tag="send"):
    """A new message for the session ``id``: the last one of ``messages`` that the user wrote."""

    requestId: RequestId  # noqa: N815 - the wire's own names, here and below
    id: str
    messages: list[Raw]
    trigger: str = "submit-message"
    body: Body | None = None


class Resume(Struct, tag_field="type", tag="resume"):
    """Whatever the session ``id`` is answering, or has just answered.

    ``lastSequence`` is taken and not used: another worker may have begun the answer anew, so only the whole of it is
    sure to be right.
    """

    requestId: RequestId  # noqa: N815
    id: str
    lastSequence: Annotated[int, Meta(ge=0)] | None = None  # noqa: N815


class Abort(Struct, tag_field="type", tag="abort"):
    """Stop the answer that the request ``requestId`` (a send or a resume) is about."""

    requestId: RequestId  # noqa: N815


ClientFrame: TypeAlias = Send | Resume | Abort


class _Typed(Struct):
    type: str


class _Named(Struct):
    requestId: RequestId  # noqa: N815


class _Part(Struct):
    type: str
    text: str = ""


class _Message(Struct):
    role: str
    id: str = ""
    parts: list[_Part] = []


class _Role(Struct):
    role: str


_TYPES = {"send", "resume", "abort"}
_TRIGGERS = {"submit-message", "regenerate-message"}
_typed = msgspec.json.Decoder(_Typed)
_client_frame: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_role = msgspec.json.Decoder(_Role)
_message = msgspec.json.Decoder(_Message)


def decode(frame: str) -> ClientFrame:
    """The frame that a client sent. Raises `InvalidFrame` with a sentence that says what is wrong with it."""
    if len(frame) > MAX_FRAME or len(frame.encode()) > MAX_FRAME:
        raise InvalidFrame("too_long_history", length=len(frame), limit=MAX_FRAME)
    kind = _decoded(_typed, frame).type
    if kind not in _TYPES:
        raise InvalidFrame("type", type=kind[:40], types="send, resume, abort")
    decoded = _decoded(_client_frame, frame)
    if isinstance(decoded, Send) and decoded.trigger not in _TRIGGERS:
        raise InvalidFrame("trigger", trigger=decoded.trigger[:40])
    return decoded


def request_id_of(frame: str) -> str:
    """Which request a frame that cannot be decoded is about, so that its sender can be told; "" when unknown."""
    try:
        # Not msgspec from the start: half a character, which ends decoding there, is JSON to JavaScript.
        request_id = msgspec.convert(json.loads(frame), _Named).requestId
        request_id.encode()
    except (ValueError, RecursionError, msgspec.ValidationError):
        return ""
    return request_id


def _decoded(decoder: msgspec.json.Decoder[T], text: str | Raw) -> T:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise InvalidFrame("malformed", problem=error) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidFrame("not_json", problem=error) from None


class UserMessage(Struct):
    """What the user wrote, and the ``id`` that the client gave it ("" where it gave none)."""

    id: str
    text: str


def last_user_message(messages: Sequence[Raw]) -> UserMessage:
    """The newest message of the user; what stands before it is never looked at. Raises `InvalidFrame`."""
    for raw in reversed(messages):
        if _decoded(_role, raw).role == "user":
            message = _decoded(_message, raw)
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
    """The turn that a send names: its ``idempotencyKey``, else the same for the same message sent again.

    A message without an id is always a new one: people say the same words twice.
    """
    named = named_turn(frame)
    return _turn_id(message, message.text) if named is None else named


def new_attempt_id(frame: Send, message: UserMessage) -> str:
    """A turn of its own for answering a message again that got no answer before."""
    return _turn_id(message, message.text, frame.requestId)


def _turn_id(message: UserMessage, *parts: str) -> str:
    if not message.id:
        return f"ai-{uuid4().hex}"
    return "ai-" + sha256("\0".join((message.id, *parts)).encode()).hexdigest()[:32]


# --- What the server sends ------------------------------------------------------------------------------------------


class Start(Struct, tag_field="type", tag="start"):
    """The request was taken; chunks follow."""

    requestId: str  # noqa: N815


class Chunk(Struct, tag_field="type", tag="chunk"):
    """The next piece of the answer; ``sequence`` counts from 0 in each request, without a gap."""

    requestId: str  # noqa: N815
    sequence: int
    chunk: Struct


class End(Struct, tag_field="type", tag="end"):
    """Nothing more comes for this request."""

    requestId: str  # noqa: N815


class Failure(Struct, tag_field="type", tag="error", omit_defaults=True):
    """The request came to nothing: why, and the ``code`` of it. ``turnId`` is what keeps the session busy."""

    requestId: str  # noqa: N815
    errorText: str  # noqa: N815
    code: str = ""
    turnId: str = ""  # noqa: N815


class NoActive(Struct, tag_field="type", tag="no-active"):
    """There is no answer to resume."""

    requestId: str  # noqa: N815


ServerFrame: TypeAlias = Start | Chunk | End | Failure | NoActive

_encoder = msgspec.json.Encoder()


def encode(frame: ServerFrame) -> str:
    """The frame as text for the socket."""
    return _encoder.encode(frame).decode()


def failure(request_id: str, error: ChatError) -> Failure:
    """``error`` as the client is told of it."""
    turn_id = error.turn_id if isinstance(error, TurnInProgress) else ""
    return Failure(request_id, sentence(error), error.code, turn_id)
