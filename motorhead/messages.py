"""The shapes of requests and answers, and the stored form of messages.

A message is stored as the JSON object that clients receive, so that reading needs no decoding:
``{"role", "content", "key"?, "id", "created_at"}``. The append script adds the number and the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

#: How many characters of the first message become a session's title.
TITLE_LENGTH = 60

#: The roles of a model, in lower case; every other role is the human's.
MODEL_ROLES = frozenset({"ai", "assistant", "bot", "model"})

#: What clients store beside a session.
Metadata: TypeAlias = dict[str, Any]
#: The id of a message, as clients send it.
MessageId: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,15}$")]
#: The id of a session, and the name of a namespace, in a body: the limit in bytes is checked apart.
SessionId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
NamespaceName: TypeAlias = Annotated[str, msgspec.Meta(max_length=1024)]

FoldState = Literal["idle", "pending", "parked", "off"]


class NewMessage(msgspec.Struct):
    """A message sent by a client: its role and its text."""

    role: str
    content: str


class PostMemory(msgspec.Struct):
    """The body of POST memory: messages, oldest first, and a new context (None: keep the present one).

    ``replace_after``: the id of the message behind which all are withdrawn first, "0" for all messages. ``through``:
    the context covers the messages of a new session up to this id.
    """

    messages: list[NewMessage]
    context: str | None = None
    replace_after: MessageId | None = None
    through: MessageId | None = None


class PatchSession(msgspec.Struct, forbid_unknown_fields=True):
    """The body of PATCH session: new details. Null removes one; absent ones stay as they are."""

    title: str | msgspec.UnsetType | None = msgspec.UNSET
    pinned: bool | msgspec.UnsetType | None = msgspec.UNSET
    metadata: Metadata | msgspec.UnsetType | None = msgspec.UNSET
    instructions: str | msgspec.UnsetType | None = msgspec.UNSET


class FoldNow(msgspec.Struct):
    """The body of POST fold, which may be left out. ``through``: the id of the last message to fold."""

    through: MessageId | None = None


class ForkSession(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST fork: a new session ``to`` with the memory as of the message ``through``.

    ``namespace``: where it is listed; None: in that of the session.
    """

    through: MessageId
    to: SessionId
    namespace: NamespaceName | None = None


class Query(msgspec.Struct):
    """The body of POST retrieval."""

    text: str


class Message(msgspec.Struct):
    """An accepted message: ``id`` counts from "1" in each session, ``created_at`` is in ms since 1970."""

    role: str
    content: str
    id: str
    created_at: int
    key: str | msgspec.UnsetType = msgspec.UNSET  # of its append, if that had one or two messages

    @property
    def number(self) -> int:
        """The number of the message in its session, from 1."""
        return int(self.id)

    @property
    def by_model(self) -> bool:
        """Whether a model wrote the message."""
        return self.role.lower() in MODEL_ROLES


class Window(msgspec.Struct):
    """The state of the window: ``size`` messages fit; ``folded`` were folded so far, last at ``folded_at`` (ms).

    ``fold``: "idle", "pending" (due, under way or waiting), "parked" (waiting for a person) or "off".
    ``reason``: why a fold waits. ``dropped``: how many of the oldest messages were dropped for their age.
    """

    size: int
    folded: int
    folded_at: int | None
    fold: FoldState
    reason: str | None
    dropped: int


class MemoryAnswer(msgspec.Struct):
    """The answer to GET memory: messages, newest first, the running summary, and the tokens spent on summaries."""

    messages: list[msgspec.Raw]
    context: str | None
    tokens: int
    window: Window


class Recalled(msgspec.Struct):
    """A message found by retrieval: ``dist`` is its cosine distance from the text, 0 to 2."""

    role: str
    content: str
    dist: float
    id: str
    created_at: int


class History(msgspec.Struct):
    """Messages, newest first; ``before`` is the id to continue from, None at the session's beginning."""

    messages: list[msgspec.Raw]
    before: str | None


class FoldedRange(msgspec.Struct):
    """The first and last id of the messages in a fold, and how many there are."""

    from_: str = msgspec.field(name="from")
    to: str
    count: int


class Version(msgspec.Struct):
    """A version of the summary. ``through``: the id of the last message that it covers."""

    version: int
    context: str
    created_at: int
    source: Literal["fold", "client", "restore", "import"]
    folded: FoldedRange | None
    through: str
    tokens: int


class StoredVersion(Version):
    """A version as stored. ``weight``: tokens of the messages up to ``through``, needed to restore the version."""

    weight: int = 0


class SessionDetails(msgspec.Struct):
    """A session in a listing: ``messages`` counts all that were ever accepted; times in ms.

    ``title``: the one it was given, or else its first words. ``instructions``: for its summaries.
    """

    id: str
    title: str | None
    messages: int
    created_at: int
    updated_at: int
    pinned: bool = False
    metadata: Metadata = {}
    instructions: str | None = None


class Spent(msgspec.Struct):
    """The tokens spent on a session's summaries, and their cost if prices are configured."""

    prompt_tokens: int
    completion_tokens: int
    cost: float | None


class Summaries(msgspec.Struct):
    """The answer to GET summaries: a page of versions, newest first, and the tokens spent on all versions."""

    summaries: list[Version]
    spent: Spent


class Done(msgspec.Struct):
    """The answer of a call without a result."""

    status: Literal["Ok"]


class Error(msgspec.Struct):
    """The answer of a failed call: a sentence, and a code where a client has to distinguish errors of one status."""

    error: str
    code: str | msgspec.UnsetType = msgspec.UNSET


class Now(msgspec.Struct):
    """The time, in ms since 1970."""

    now: int


class Health(msgspec.Struct):
    """The server's health, in one word."""

    status: str


_encode = msgspec.json.Encoder().encode
_decode_message = msgspec.json.Decoder(Message).decode
_decode_version = msgspec.json.Decoder(StoredVersion).decode
_decode_metadata = msgspec.json.Decoder(Metadata).decode
#: What decoding raises for bytes that are not JSON, not of the shape, not UTF-8, or too deeply nested.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_message(blob: bytes) -> Message | None:
    """The message stored as ``blob``; None if it is damaged."""
    try:
        return _decode_message(blob)
    except UNREADABLE:
        return None


def read_version(blob: bytes) -> StoredVersion | None:
    """The version stored as ``blob``; None if it is damaged."""
    try:
        version = _decode_version(blob)
    except UNREADABLE:
        return None
    return version if version.through.isascii() and version.through.isdigit() else None


def read_metadata(stored: bytes | None) -> Metadata:
    """The metadata ``stored`` as JSON; {} if there are none, or if they are damaged."""
    try:
        return _decode_metadata(stored) if stored else {}
    except UNREADABLE:
        return {}


def open_message(message: NewMessage, key: str = "") -> bytes:
    """The stored form of ``message``, appended under ``key``, up to the number and time that the script adds."""
    opened = _encode(message)[:-1]
    return opened + b',"key":' + _encode(key) if key else opened


def open_version(context: str, source: str, folded: FoldedRange | None = None, tokens: int = 0) -> bytes:
    """The stored form of a version, up to the number and time that the script adds."""
    return _encode({"context": context, "source": source, "folded": folded, "tokens": tokens})[:-1]


def title_of(messages: Sequence[NewMessage]) -> str:
    """The first words of the first message, cut between words where possible."""
    if not messages:
        return ""
    words = " ".join(messages[0].content[: TITLE_LENGTH * 4].split())
    if len(words) <= TITLE_LENGTH:
        return words
    return words[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"


def weigh(content: str) -> int:
    """The estimated tokens of ``content`` in a prompt: a quarter of its characters, and 4 for its frame."""
    return len(content) // 4 + 4
