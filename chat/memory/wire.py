"""The Motörhead wire format: decodes bytes to types, and turns newest first into oldest first.

Everything that only our own memory server sends (`window`, ids, times) is optional, so that the original's responses
can be decoded as well. The hosted Motörhead wraps every response in ``{"data": …}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from chat.domain.messages import FoldState, Memory, Message, MessagePage, SessionListing, SummaryVersion, Window


class WireMessage(msgspec.Struct):
    role: str
    content: str
    id: str | None = None
    created_at: int | None = None

    def message(self) -> Message:
        return Message(self.role, self.content, self.id, moment(self.created_at))


class WireWindow(msgspec.Struct):
    size: int
    folded: int = 0
    folded_at: int | None = None
    fold: str = FoldState.UNKNOWN
    reason: str | None = None

    def window(self) -> Window:
        known = self.fold in FoldState.__members__.values()
        state = FoldState(self.fold) if known else FoldState.UNKNOWN
        return Window(self.size, self.folded, moment(self.folded_at), state, self.reason)


class WireMemory(msgspec.Struct):
    messages: list[WireMessage] = []
    context: str | None = None
    tokens: int = 0
    window: WireWindow | None = None

    def memory(self, headers: Mapping[str, str], window_size: int) -> Memory:
        return Memory(
            messages=tuple(message.message() for message in reversed(self.messages)),
            # The original writes NONE when its model has nothing to summarise; its own clients treat it as no summary.
            context=None if self.context in {None, "", "NONE"} else self.context,
            tokens=self.tokens,
            window=self.window.window() if self.window else Window(window_size),
            epoch=headers.get("session-epoch"),
            etag=headers.get("etag"),
        )


class WireRecalled(msgspec.Struct):
    role: str
    content: str


class WireMessages(msgspec.Struct):
    messages: list[WireMessage]
    before: str | None = None

    def page(self) -> MessagePage:
        return MessagePage(tuple(message.message() for message in reversed(self.messages)), self.before)


class WireSession(msgspec.Struct):
    id: str
    title: str | None = None
    messages: int | None = None
    created_at: int | None = None
    updated_at: int | None = None

    def listing(self) -> SessionListing:
        return SessionListing(self.id, self.title, self.messages, moment(self.created_at), moment(self.updated_at))


class WireSummary(msgspec.Struct):
    version: int
    context: str
    created_at: int | None = None
    tokens: int = 0

    def summary(self) -> SummaryVersion:
        return SummaryVersion(self.version, self.context, moment(self.created_at), self.tokens)


class WireSummaries(msgspec.Struct):
    summaries: list[WireSummary]


class _HostedEnvelope(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw()


class _Error(msgspec.Struct):
    error: str


T = TypeVar("T")


def decode(body: bytes, kind: type[T]) -> T:
    """Decode ``body``, with or without an envelope, as ``kind``. Raises `msgspec.DecodeError`: it is something else."""
    if body.lstrip().startswith(b"{"):
        envelope = msgspec.json.decode(body, type=_HostedEnvelope)
        body = bytes(envelope.data) or body
    decoded: T = msgspec.json.decode(body, type=kind)
    return decoded


def encode_messages(messages: list[Message]) -> bytes:
    """The body of an append, oldest first."""
    return msgspec.json.encode(
        {"messages": [{"role": message.role, "content": message.content} for message in messages]}
    )


def error_of(body: bytes) -> str:
    """The sentence in an error response, or the beginning of a response without one."""
    try:
        return msgspec.json.decode(body, type=_Error).error
    except msgspec.DecodeError:
        return body[:200].decode(errors="replace") or "no reason given"


def moment(milliseconds: int | None) -> datetime | None:
    """The time of a wire timestamp (milliseconds since 1970, UTC)."""
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
