"""What AG-UI's clients send: a ``RunAgentInput``, or the end of a run. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from chat.api.ai_sdk.message_ids import reply_id
from chat.api.client_json import decoded, id_in
from chat.domain.exceptions import InvalidFrame

T = TypeVar("T")

#: Bytes in an input: enough for a long history, which clients send although the server ignores it.
MAX_INPUT = 4 * 1024 * 1024

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128)]


class ForwardedProps(Struct):
    """What the application adds to a run: to ``watch`` the memory instead of an answer. The rest is ignored."""

    watch: Literal["memory"] | None = None


class RunAgentInput(Struct):
    """A run in the session ``threadId``. Of ``messages`` only the last one of the user is read; the rest is ignored.

    Without a message of the user, the run shows what is remembered, and the answer that is under way.
    """

    threadId: str  # noqa: N815 - the wire's own names, here and below
    runId: Id  # noqa: N815
    messages: list[Raw]
    forwardedProps: Raw = Raw(b"null")  # noqa: N815


class Abort(Struct):
    """Stop the answer of the run ``runId``."""

    type: Literal["abort"]
    runId: Id  # noqa: N815


class _Typed(Struct):
    type: str | None = None


class _Authored(Struct):
    role: str
    id: str = ""


class _Part(Struct):
    type: str
    text: str = ""


class _UserMessage(Struct):
    content: str | list[_Part]


_typed = msgspec.json.Decoder(_Typed)
_input = msgspec.json.Decoder(RunAgentInput)
_abort = msgspec.json.Decoder(Abort)
_props = msgspec.json.Decoder(ForwardedProps)
_author = msgspec.json.Decoder(_Authored)
_message = msgspec.json.Decoder(_UserMessage)


def decode(text: str | bytes) -> RunAgentInput | Abort:
    """What a client has sent. Raises `InvalidFrame`, with a sentence about the mistake: it cannot be understood."""
    if len(text) > MAX_INPUT or (isinstance(text, str) and len(text.encode(errors="replace")) > MAX_INPUT):
        raise InvalidFrame("too_long_history", length=len(text), limit=MAX_INPUT)
    match decoded(_typed, text).type:
        case None:
            return decoded(_input, text)
        case "abort":
            return decoded(_abort, text)
        case kind:
            raise InvalidFrame("type", type=kind[:40], types="abort, or a RunAgentInput, which has no type")


def run_id_of(text: str) -> str:
    """The run id in what cannot be decoded; "" if unknown."""
    return id_in(text, "runId")


def watches(run: RunAgentInput) -> bool:
    """Whether the run watches the memory. Raises `InvalidFrame`: it asks to watch something else."""
    if not bytes(run.forwardedProps).lstrip().startswith(b"{"):
        return False  # the application's own business
    return decoded(_props, run.forwardedProps).watch is not None


def last_user_text(messages: Sequence[Raw]) -> str | None:
    """The text of the user's newest message; earlier ones are not decoded. None without one.

    Raises `InvalidFrame`: it has no text, or more than text.
    """
    raw = next((raw for raw in reversed(messages) if decoded(_author, raw).role == "user"), None)
    if raw is None:
        return None
    content = decoded(_message, raw).content
    if isinstance(content, str):
        return content
    if any(part.type != "text" for part in content):
        raise InvalidFrame("file")
    if not content:
        raise InvalidFrame("no_text")
    return "\n".join(part.text for part in content)


def has_part_of_answer(run: RunAgentInput) -> bool:
    """Whether the client already has a part of the run's answer, from an earlier connection."""
    reply = reply_id(run.runId)
    return any(decoded(_author, raw).id == reply for raw in run.messages[-4:])
