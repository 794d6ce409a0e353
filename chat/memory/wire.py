"""The Motörhead wire format: decodes bytes to types, and turns newest first into oldest first.

Everything that only our own memory server sends (`window`, ids, times) is optional, so that the original's responses
can be decoded as well. The hosted Motörhead wraps every response in ``{"data": …}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from chat.domain.details import (
    DetailChanges,
    Folded,
    Match,
    MatchPage,
    SessionListing,
    SummaryVersion,
    SummaryVersions,
)
from chat.domain.messages import FoldState, Memory, Message, MessagePage, Window


class WireHealth(msgspec.Struct):
    status: str


class WireMessage(msgspec.Struct):
    role: str
    content: str
    id: str | None = None
    created_at: int | None = None
    key: str | None = None

    def message(self) -> Message:
        return Message(self.role, self.content, self.id, moment(self.created_at), self.key)


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
            summary_tag=headers.get("summary-etag"),
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
    pinned: bool = False
    metadata: dict[str, Any] = {}
    instructions: str | None = None

    def listing(self) -> SessionListing:
        return SessionListing(
            self.id,
            self.title,
            self.messages,
            moment(self.created_at),
            moment(self.updated_at),
            self.pinned,
            _labels(self.metadata),
            self.instructions,
        )


class WireFolded(msgspec.Struct, rename={"first": "from", "last": "to"}):
    first: str
    last: str
    count: int


class WireSummary(msgspec.Struct):
    version: int
    context: str
    created_at: int | None = None
    tokens: int = 0
    source: str = "fold"
    through: str | None = None
    folded: WireFolded | None = None

    def summary(self) -> SummaryVersion:
        folded = self.folded
        return SummaryVersion(
            self.version,
            self.context,
            moment(self.created_at),
            self.tokens,
            self.source,
            self.through,
            Folded(folded.first, folded.last, folded.count) if folded else None,
        )


class WireSpent(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None


class WireSummaries(msgspec.Struct):
    summaries: list[WireSummary]
    spent: WireSpent = msgspec.field(default_factory=WireSpent)

    def versions(self) -> SummaryVersions:
        tokens = self.spent.prompt_tokens + self.spent.completion_tokens
        return SummaryVersions(tuple(each.summary() for each in self.summaries), tokens, self.spent.cost)


class WireMatch(msgspec.Struct):
    session: str
    where: str
    excerpt: str
    marks: list[tuple[int, int]]
    title: str | None = None
    updated_at: int | None = None
    id: str | None = None
    role: str | None = None
    created_at: int | None = None

    def match(self) -> Match:
        return Match(
            self.session,
            self.title,
            moment(self.updated_at),
            self.where,
            self.excerpt,
            tuple(self.marks),
            self.id,
            self.role,
            moment(self.created_at),
        )


class WireMatches(msgspec.Struct):
    results: list[WireMatch]
    cursor: str | None = None

    def page(self) -> MatchPage:
        return MatchPage(tuple(each.match() for each in self.results), self.cursor)


class _HostedEnvelope(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw()


class Refusal(msgspec.Struct):
    """The sentence of an error, and its code if it has one."""

    error: str
    code: str | None = None


T = TypeVar("T")


def decode(body: bytes, kind: type[T]) -> T:
    """Decode ``body``, with or without an envelope, as ``kind``. Raises `msgspec.DecodeError`: it is something else."""
    if body.lstrip().startswith(b"{"):
        envelope = msgspec.json.decode(body, type=_HostedEnvelope)
        body = bytes(envelope.data) or body
    decoded: T = msgspec.json.decode(body, type=kind)
    return decoded


def encode_messages(messages: list[Message], replace_after: str | None = None) -> bytes:
    """The body of an append, oldest first. ``replace_after``: the message behind which others are withdrawn."""
    body: dict[str, Any] = {"messages": _sent(messages)}
    if replace_after is not None:
        body["replace_after"] = replace_after
    return msgspec.json.encode(body)


def encode_beginning(messages: Sequence[Message], context: str, covered: int | None) -> bytes:
    """The body of a session's first append, oldest first, with a summary of the first ``covered`` messages.

    ``covered`` None: the server does not know that summaries cover messages.
    """
    body: dict[str, Any] = {"messages": _sent(messages), "context": context}
    return msgspec.json.encode(body if covered is None else body | {"through": str(covered)})


def details_of(changes: DetailChanges) -> dict[str, Any]:
    """The body of a change of details. Labels are part of the metadata, and removed if there are none."""
    body: dict[str, Any] = dict(changes)
    if "labels" in changes:
        del body["labels"]
        body["metadata"] = {"labels": list(changes["labels"]) or None}
    return body


def refusal_of(body: bytes) -> Refusal:
    """The error in a response, or the beginning of a response that has none."""
    try:
        return msgspec.json.decode(body, type=Refusal)
    except msgspec.DecodeError:
        return Refusal(body[:200].decode(errors="replace") or "no reason given")


def _sent(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _labels(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels in a session's metadata, which other clients may have written."""
    labels = metadata.get("labels")
    return tuple(label for label in labels if isinstance(label, str)) if isinstance(labels, list) else ()


def moment(milliseconds: int | None) -> datetime | None:
    """The time of a wire timestamp (milliseconds since 1970, UTC)."""
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
