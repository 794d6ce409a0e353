"""The names of everything that lies in Redis.

All keys of a session share the hash tag ``{id}``, so they lie on one slot of a cluster. Redis takes what stands
between the first ``{`` and the next ``}``: braces in an id, and the percent sign, are escaped in it.
"""

from __future__ import annotations

NAMESPACES = b"mh:namespaces"
#: Hash: session to how much of it was taken over from another server. It outlives the session.
IMPORTED = b"mh:imported"
#: String, another one at each deletion: Redis's append-only file is to be rewritten.
ERASURE = b"mh:erasure"

#: What a namespace is called inside a session: the listing without a name and the one named "" are two.
Mark = bytes
UNNAMED: Mark = b"-"


def mark(namespace: str | None) -> Mark:
    """The mark of ``namespace`` (None: no namespace given)."""
    return UNNAMED if namespace is None else b"=" + namespace.encode()


def listing(namespace: Mark) -> bytes:
    """The sorted set of the ids in a namespace, by last activity."""
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
        """Set: marks of the namespaces that list the session."""
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
        """Hash: number of a chunk of messages to the rows of their embeddings."""
        return self._tag + b"vectors"

    @property
    def lease(self) -> bytes:
        """String: who folds the session now."""
        return self._tag + b"lease"

    @property
    def index_lease(self) -> bytes:
        """String: who embeds the session's messages now."""
        return self._tag + b"index-lease"

    @property
    def rate(self) -> bytes:
        """String: when the session's allowance of appends is full again."""
        return self._tag + b"rate"

    @property
    def arriving(self) -> bytes:
        """Stream: messages of a session that is just being taken over; it expires."""
        return self._tag + b"arriving"

    @property
    def damaged(self) -> bytes:
        """Hash: what could not be read and was set aside, by where it lay; raw, or as Redis's DUMP of a whole key."""
        return self._tag + b"damaged"

    @property
    def room(self) -> bytes:
        """Stream: the messages while they are written anew, within one script."""
        return self._tag + b"room"

    @property
    def all(self) -> list[bytes]:
        """Every key of the session, in the order that the delete script expects."""
        return [
            self.state, self.messages, self.namespaces, self.idempotency, self.idempotency_queue,
            self.versions, self.vectors, self.lease, self.index_lease, self.rate,
            self.arriving, self.damaged,
        ]  # fmt: skip


#: Bytes of a session's id at most.
LONGEST_NAME = 1024


def is_name(session_id: bytes) -> bool:
    """Whether a session can be called so: a client must be able to write it in a path."""
    try:
        session_id.decode()
    except UnicodeDecodeError:
        return False
    return 0 < len(session_id) <= LONGEST_NAME


def session_of(key: bytes) -> bytes | None:
    """The id of the session that ``key`` belongs to, or None."""
    if not key.startswith(b"mh:{") or b"}:" not in key:
        return None
    tag = key[len(b"mh:{") :].split(b"}:", 1)[0]
    return tag.replace(b"%7D", b"}").replace(b"%7B", b"{").replace(b"%25", b"%")
