"""The frames of the websocket, as text and as records. No I/O.

What a newer site adds is left out: unknown fields, and frames of an unknown type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from chat_client.exceptions import ChatError, NotUnderstood, TurnInProgress, error_of

#: The subprotocol that has these frames.
SUBPROTOCOL = "ai-sdk.v1"
UNNAMED = "internal"


@dataclass(frozen=True, slots=True)
class Start:
    """The request was accepted."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next piece of the answer: ``chunk["type"]`` says what it is."""

    request_id: str
    chunk: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Complete:
    """The answer is complete."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The request was refused; without a ``request_id``, the connection was."""

    request_id: str
    error: ChatError


@dataclass(frozen=True, slots=True)
class NoActive:
    """There is no answer to resume."""

    request_id: str


Frame: TypeAlias = Start | Chunk | Complete | Failure | NoActive
#: Those that end a request.
LAST = (Complete, Failure, NoActive)


def parse(received: str | bytes) -> Frame | None:
    """The frame in ``received``; None for a type that is not known. Raises `NotUnderstood`: it is not a frame."""
    try:
        found = json.loads(received)
        kind, request_id = found["type"], str(found["requestId"])
        match kind:
            case "start":
                return Start(request_id)
            case "chunk":
                return Chunk(request_id, _typed(found["chunk"]))
            case "end":
                return Complete(request_id)
            case "error":
                return Failure(request_id, _error(found))
            case "no-active":
                return NoActive(request_id)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotUnderstood("The site has sent something that is not a frame of this API.") from None
    return None


def _typed(chunk: Any) -> Mapping[str, Any]:
    if not isinstance(chunk, dict) or not isinstance(chunk["type"], str):
        raise TypeError
    return chunk


def _error(found: Mapping[str, Any]) -> ChatError:
    code, sentence = str(found.get("code") or UNNAMED), str(found["errorText"])
    seconds = found.get("retryAfter")
    error = error_of(
        code,
        sentence,
        retryable=found.get("retryable") is True,
        retry_after=seconds if isinstance(seconds, int | float) else None,
    )
    if isinstance(error, TurnInProgress):
        error.turn_id = str(found.get("turnId") or "")
    return error


def user_message(text: str, message_id: str | None = None) -> dict[str, Any]:
    """The user's message; ``message_id`` is that of one that the session already has."""
    named = {} if message_id is None else {"id": message_id}
    return {**named, "role": "user", "parts": [{"type": "text", "text": text}]}


def send_frame(session: str, said: Mapping[str, Any], turn_id: str, **fields: Any) -> dict[str, Any]:
    """Asks for the answer to ``said``, a `user_message`. Sent again with its ``turn_id``, it joins that answer."""
    return {"type": "send", "id": session, "messages": [said], "body": {"idempotencyKey": turn_id}, **fields}


def resume_frame(session: str) -> dict[str, Any]:
    """Asks for the answer in progress, or one that ended less than five minutes ago, from its start."""
    return {"type": "resume", "id": session}


def watch_frame(session: str) -> dict[str, Any]:
    """Asks for the memory of the session, now and whenever it changes."""
    return {"type": "resume", "id": session, "body": {"watch": "memory"}}


def abort_frame() -> dict[str, Any]:
    """Stops an answer, or ends a watch."""
    return {"type": "abort"}


def encode(frame: Mapping[str, Any], request_id: str) -> str:
    """The text of one of these, for the request ``request_id``."""
    return json.dumps({**frame, "requestId": request_id}, separators=(",", ":"))
