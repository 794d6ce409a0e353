"""Reads the body of ``POST /v1/chat/completions``. No I/O.

Only the user's newest message is read: the session is remembered here, and the site has instructions of its own.
Parameters that only tune an answer are ignored; those without which it would not be what was asked for are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from chat.domain.exceptions import InvalidRequest, InvalidSession

T = TypeVar("T")

#: Roles of messages that may follow the user's newest, and are ignored like the others.
INSTRUCTIONS = frozenset({"system", "developer"})
#: The key in ``metadata`` that names the session.
SESSION = "session"


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Answer ``text`` in the session ``session_id``.

    ``digest`` is that of the whole body, which a client library repeats byte by byte when it tries again.
    """

    session_id: str
    text: str
    stream: bool
    include_usage: bool
    digest: str


class _StreamOptions(Struct):
    include_usage: bool | None = None


class _Body(Struct):
    messages: list[Raw]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    metadata: dict[str, Any] | None = None
    user: str | None = None
    n: Any = None
    tools: Any = None
    functions: Any = None
    response_format: Any = None
    modalities: Any = None
    audio: Any = None
    logprobs: Any = None
    top_logprobs: Any = None
    stop: Any = None
    web_search_options: Any = None


class _Authored(Struct):
    role: str


class _Message(Struct):
    content: str | list[Raw] | None = None


class _Typed(Struct):
    type: str


class _Text(Struct):
    text: str


_body = msgspec.json.Decoder(_Body)
_authored = msgspec.json.Decoder(_Authored)
_message = msgspec.json.Decoder(_Message)
_typed = msgspec.json.Decoder(_Typed)
_text = msgspec.json.Decoder(_Text)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a parameter is refused, and the values with which it asks for nothing."""

    why: str
    allows: Callable[[Any], bool] = lambda value: not value


_TOOLS = "the model here calls no tools"
_REFUSED: Mapping[str, _Refusal] = {
    "n": _Refusal("a session has one answer to each message", lambda value: value in (None, 1)),
    "tools": _Refusal(_TOOLS),
    "functions": _Refusal(_TOOLS),
    "response_format": _Refusal(
        "answers are text without a format", lambda value: not value or value == {"type": "text"}
    ),
    "modalities": _Refusal("answers are text", lambda value: not value or value == ["text"]),
    "audio": _Refusal("answers are text"),
    "logprobs": _Refusal("probabilities are not known here"),
    "top_logprobs": _Refusal("probabilities are not known here"),
    "stop": _Refusal("an answer cannot be ended at a text"),
    "web_search_options": _Refusal("the model here does not search the web", lambda value: value is None),
}


def parse(body: bytes, named: str | None = None) -> CompletionRequest:
    """The request in ``body``; ``named`` is the session in its headers, if any.

    Raises `InvalidRequest`, with a sentence about the mistake, and `InvalidSession`.
    """
    parsed = _decoded(_body, body)
    for name, refusal in _REFUSED.items():
        if not refusal.allows(getattr(parsed, name)):
            raise InvalidRequest("completion_parameter", param=name, why=refusal.why)
    options = parsed.stream_options
    return CompletionRequest(
        session_id=_session_id(parsed, named),
        text=_newest(parsed.messages),
        stream=bool(parsed.stream),
        include_usage=bool(options and options.include_usage),
        digest=sha256(body).hexdigest(),
    )


def _session_id(body: _Body, named: str | None) -> str:
    """The session's id, which may be malformed. A user's name does not appear in it."""
    if (chosen := (body.metadata or {}).get(SESSION)) is not None:
        if not isinstance(chosen, str):
            raise InvalidSession
        return chosen
    if named is not None:
        return named
    if not body.user:
        raise InvalidRequest("completion_no_session", param="metadata.session")
    return "user-" + sha256(body.user.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _newest(messages: Sequence[Raw]) -> str:
    """The text of the user's message at the end; earlier messages are not decoded."""
    for raw in reversed(messages):
        role = _decoded(_authored, raw).role
        if role == "user":
            return _text_of(_decoded(_message, raw).content)
        if role not in INSTRUCTIONS:
            raise InvalidRequest("completion_not_last", param="messages", role=role[:40])
    raise InvalidRequest("completion_no_message", param="messages")


def _text_of(content: str | list[Raw] | None) -> str:
    if isinstance(content, str):
        return content
    if not content:
        raise InvalidRequest("completion_no_text", param="messages")
    for part in content:
        if (kind := _decoded(_typed, part).type) != "text":
            raise InvalidRequest("completion_part", param="messages", type=kind[:40])
    return "\n".join(_decoded(_text, part).text for part in content)


def _decoded(decoder: msgspec.json.Decoder[T], text: bytes | Raw) -> T:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise InvalidRequest("completion_malformed", problem=error) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidRequest("completion_not_json", problem=error) from None
    except RecursionError:
        raise InvalidRequest("completion_too_deep") from None
