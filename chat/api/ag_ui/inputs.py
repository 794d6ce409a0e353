"""What AG-UI's clients send: a ``RunAgentInput``, or the end of a run. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from chat.api.ai_sdk.message_ids import is_given
from chat.api.client_json import decoded, id_in
from chat.domain.exceptions import InvalidFrame

T = TypeVar("T")

#: Bytes in an input: enough for a long history, which clients send although the server ignores it.
MAX_INPUT = 4 * 1024 * 1024

#: The newest of a client's messages whose ids are read. A snapshot has fewer.
LOOKED_AT = 1000

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128)]


class ForwardedProps(Struct):
    """What the application adds to a run. The rest is ignored.

    ``watch``: show the memory instead of an answer. ``replace``: the id of the message that the user's newest one
    replaces, with all behind it.
    """

    watch: Literal["memory"] | None = None
    replace: Id | None = None


class RunAgentInput(Struct):
    """A run in the session ``threadId``. Of ``messages`` only the last one of the user is read, and ids around it.

    Where that one is remembered, it is answered again in its place. Without one, or if its answer is behind it, the run
    shows what is remembered, and the answer that is under way.
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
    return _props_of(run).watch is not None


def replaced_by(run: RunAgentInput) -> str | None:
    """The id of the message that the application has the newest one replace. Raises `InvalidFrame`: it is no id."""
    return _props_of(run).replace


def _props_of(run: RunAgentInput) -> ForwardedProps:
    """What the application adds; other properties than an object are its own business."""
    if not bytes(run.forwardedProps).lstrip().startswith(b"{"):
        return ForwardedProps()
    return decoded(_props, run.forwardedProps)


@dataclass(frozen=True, slots=True)
class Asking:
    """The user's newest message, by the client's ``id`` ("" without one).

    ``before`` is the id of the reply that the client shows before it ("" without one), ``behind`` are those of the
    messages behind it.
    """

    id: str
    text: str
    before: str
    behind: tuple[str, ...]

    @property
    def has_reply(self) -> bool:
        """Whether the client shows a reply of this site behind it: a part, or one of an earlier attempt."""
        return any(map(is_given, self.behind))


def last_asked(messages: Sequence[Raw]) -> Asking | None:
    """The user's newest message; earlier ones are decoded only for their ids. None without one.

    Raises `InvalidFrame`: it has no text, or more than text.
    """
    behind: list[str] = []
    for place in reversed(range(len(messages))):
        author = decoded(_author, messages[place])
        if author.role == "user":
            text = _text_of(messages[place])
            return Asking(author.id, text, _reply_before(messages[:place]), tuple(reversed(behind)))
        behind.append(author.id)
    return None


def ids_of_user(messages: Sequence[Raw]) -> Iterator[str]:
    """The client's ids of the user's newest messages; those of malformed ones are left out."""
    for raw in messages[-LOOKED_AT:]:
        with suppress(InvalidFrame):
            author = decoded(_author, raw)
            if author.role == "user":
                yield author.id


def _text_of(raw: Raw) -> str:
    content = decoded(_message, raw).content
    if isinstance(content, str):
        return content
    if any(part.type != "text" for part in content):
        raise InvalidFrame("file")
    if not content:
        raise InvalidFrame("no_text")
    return "\n".join(part.text for part in content)


def _reply_before(messages: Sequence[Raw]) -> str:
    """The id of the last of ``messages`` that is a reply, if there is one before another message of the user."""
    with suppress(InvalidFrame):
        for raw in reversed(messages):
            author = decoded(_author, raw)
            if author.role in {"assistant", "user"}:
                return author.id if author.role == "assistant" else ""
    return ""
