"""The names of all keys in Redis.

All keys of a session share the hash tag ``{id}`` and therefore one slot of a cluster. Redis reads the tag from the
first ``{`` to the next ``}``, so braces and percent signs in an id are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMESPACES = b"mh:namespaces"
#: Hash: session to how much of it was imported from another server. It outlives the session.
IMPORTED = b"mh:imported"
#: String, changed by each deletion: Redis's append-only file has to be rewritten.
ERASURE = b"mh:erasure"
#: String: that file was rewritten a while ago. It expires when it may be rewritten again.
ERASED = b"mh:erased"

#: Rows of vectors in one field of a session's hash.
CHUNK = 16
#: The form of a namespace inside a session, which distinguishes no namespace from the one named "".
Mark = bytes
UNNAMED: Mark = b"-"


def mark(namespace: str | None) -> Mark:
    """The mark of ``namespace`` (None: no namespace)."""
    return UNNAMED if namespace is None else b"=" + namespace.encode()


def listing(namespace: Mark) -> bytes:
    """The key of the sorted set of a namespace's session ids, by last activity."""
    return b"mh:sessions" if namespace == UNNAMED else b"mh:sessions:" + namespace[1:]


class SessionKeys:
    """The keys of one session."""

    __slots__ = ("_tag",)

    def __init__(self, session_id: bytes) -> None:
        if b"{" in session_id or b"}" in session_id or b"%" in session_id:
            session_id = session_id.replace(b"%", b"%25").replace(b"{", b"%7B").replace(b"}", b"%7D")
        self._tag = b"mh:{" + session_id + b"}:"

    @property
    def state(self) -> bytes:
        """Hash: epoch, counts, context, watermark."""
        return self._tag + b"state"

    @property
    def messages(self) -> bytes:
        """Stream: every message, numbered from 1."""
        return self._tag + b"messages"

    @property
    def namespaces(self) -> bytes:
        """Set: the marks of the namespaces that list the session."""
        return self._tag + b"namespaces"

    @property
    def idempotency(self) -> bytes:
        """Hash: idempotency key to its time and the digest of its request."""
        return self._tag + b"idempotency"

    @property
    def idempotency_queue(self) -> bytes:
        """List: idempotency keys, oldest first."""
        return self._tag + b"idempotency-queue"

    @property
    def versions(self) -> bytes:
        """Stream: every version of the summary, numbered from 1."""
        return self._tag + b"versions"

    @property
    def vectors(self) -> bytes:
        """Hash: chunk of messages to the rows of their embeddings."""
        return self._tag + b"vectors"

    @property
    def withdrawn(self) -> bytes:
        """Sorted set: the numbers of withdrawn messages, each its own score; retention drops the oldest."""
        return self._tag + b"withdrawn"

    @property
    def lease(self) -> bytes:
        """String: the holder of the lease to fold the session."""
        return self._tag + b"lease"

    @property
    def index_lease(self) -> bytes:
        """String: the holder of the lease to embed the session's messages."""
        return self._tag + b"index-lease"

    @property
    def rate(self) -> bytes:
        """String: the time when the session's allowance of appends is full again."""
        return self._tag + b"rate"

    @property
    def arriving(self) -> bytes:
        """Stream: the staged messages of an import under way; it expires."""
        return self._tag + b"arriving"

    @property
    def copy(self) -> list[bytes]:
        """The keys of a staged copy, which expire: its name (string), messages and versions (streams), gaps (set)."""
        return [self._tag + name for name in (b"copy", b"copy-messages", b"copy-versions", b"copy-withdrawn")]

    @property
    def damaged(self) -> bytes:
        """Hash: unreadable content that was set aside, by its origin; raw, or a whole key as a Redis DUMP."""
        return self._tag + b"damaged"

    @property
    def room(self) -> bytes:
        """Stream: the new copy of the messages while one script rewrites them."""
        return self._tag + b"room"

    @property
    def all(self) -> list[bytes]:
        """All keys of the session, in the order that the delete script expects."""
        return [
            self.state, self.messages, self.namespaces, self.idempotency, self.idempotency_queue,
            self.versions, self.vectors, self.lease, self.index_lease, self.rate,
            self.withdrawn, self.arriving, *self.copy, self.damaged,
        ]  # fmt: skip


#: The most bytes in a session's id.
LONGEST_NAME = 1024


def is_name(session_id: bytes) -> bool:
    """Whether ``session_id`` is a valid id, one that a client can write in a path."""
    try:
        session_id.decode()
    except UnicodeDecodeError:
        return False
    return 0 < len(session_id) <= LONGEST_NAME


def session_of(key: bytes) -> bytes | None:
    """The id of the session that ``key`` belongs to; None if it belongs to no session."""
    if not key.startswith(b"mh:{") or b"}:" not in key:
        return None
    tag = key[len(b"mh:{") :].split(b"}:", 1)[0]
    return tag.replace(b"%7D", b"}").replace(b"%7B", b"{").replace(b"%25", b"%")


_MESSAGE_SET_ASIDE = re.compile(rb"messages/(\d+)-0/")


def set_aside_messages(fields: Iterable[bytes]) -> set[int]:
    """The numbers of the messages among the ``fields`` of a session's hash of damaged content."""
    return {int(match[1]) for field in fields if (match := _MESSAGE_SET_ASIDE.match(field))}
