"""Reading a session that is to be forked: everything as of one of its messages, in pages of bounded size."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from motorhead.exceptions import MessagesRemoved, NoSuchMessage
from motorhead.messages import StoredVersion, read_version
from motorhead.sessions.versions import Versions
from motorhead.store.copying import Entry
from motorhead.store.keys import UNNAMED, Mark, SessionKeys, set_aside_messages
from motorhead.store.state import STATE_FIELDS, State, parse_state
from redis_link.link import Link

#: The details that a fork takes along.
DETAILS = ("title", "own_title", "metadata", "instructions")
#: Entries read first, entries read at once at most, and about how many bytes to read at once.
FIRST, MOST, BYTES = 8, 200, 2**19


@dataclass(frozen=True, slots=True)
class Origin:
    """A session as read, to be forked after its message ``through``. ``details``: fields of its state."""

    id: bytes
    through: int
    state: State
    namespace: Mark
    details: dict[str, bytes]

    @property
    def keys(self) -> SessionKeys:
        """The keys of the session."""
        return SessionKeys(self.id)

    @property
    def mark(self) -> str:
        """The mark by which a fork remembers that it was made from here."""
        return mark_of(self.id, self.state.epoch, self.through)


def mark_of(session_id: bytes, epoch: str, through: int) -> str:
    """A mark by which a fork remembers its origin. It does not show the id, which may be deleted one day."""
    return blake2b(b"%d/%s/%s" % (through, epoch.encode(), session_id), digest_size=16).hexdigest()


class Origins:
    """Reads origins of forks."""

    def __init__(self, link: Link, versions: Versions) -> None:
        self._link = link
        self._versions = versions

    async def read(self, session_id: bytes, through: int) -> Origin | None:
        """The session, to be forked after ``through``; None if there is no such session."""
        keys = SessionKeys(session_id)
        reply = await self._link.execute("HMGET", keys.state, *STATE_FIELDS, "namespace", *DETAILS)
        state = parse_state(reply[: len(STATE_FIELDS)])
        if state is None:
            return None
        namespace, *details = reply[len(STATE_FIELDS) :]
        known = {field: value for field, value in zip(DETAILS, details, strict=True) if value is not None}
        return Origin(session_id, through, state, namespace or UNNAMED, known)

    async def version(self, origin: Origin) -> StoredVersion | None:
        """The version of the summary as of the message; None if there was no summary.

        Raises `NoSuchMessage` or `MessagesRemoved`: the fork is not possible.
        """
        through, kept = origin.through, origin.state.kept_from
        there = await self._link.execute("XRANGE", origin.keys.messages, through, through)
        if 0 < through < kept:
            raise MessagesRemoved("This message was removed because of its age; fork from a newer one.")
        if not there or through > origin.state.last:
            raise NoSuchMessage("through names no message of the session; load the session again.")
        version = await self._versions.at(origin.id, through)
        if (int(version.through) if version else 0) < kept - 1:
            raise MessagesRemoved("Messages before this one were removed because of their age; fork from a newer one.")
        return version

    async def is_unchanged(self, origin: Origin) -> bool:
        """Whether none of the messages up to ``through`` has been withdrawn, removed or deleted since."""
        state, there = await self._link.pipeline(
            ("HMGET", origin.keys.state, "epoch", "kept_from"),
            ("XRANGE", origin.keys.messages, origin.through, origin.through),
        )
        # A withdrawal takes all messages behind one, and numbers are never used again.
        return bool(there) and state[0] == origin.state.epoch.encode() and int(state[1] or 1) == origin.state.kept_from

    async def versions(self, origin: Origin, newest: StoredVersion) -> AsyncIterator[Sequence[Entry]]:
        """The versions up to ``newest`` that cover no message after ``through``, oldest first."""
        async for entries in self._pages(origin.keys.versions, f"{newest.version}-0"):
            yield [entry for entry in entries if _ends_by(entry, origin.through)]

    async def messages(self, origin: Origin) -> AsyncIterator[Sequence[Entry]]:
        """The messages up to ``through``, oldest first."""
        async for entries in self._pages(origin.keys.messages, f"{origin.through}-0"):
            yield entries

    async def gaps(self, origin: Origin) -> AsyncIterator[set[int]]:
        """The numbers up to ``through`` that have no message: withdrawn ones, and ones set aside by fsck."""
        kept, through = origin.state.kept_from, origin.through
        fields = await self._link.execute("HKEYS", origin.keys.damaged)
        aside = {number for number in set_aside_messages(fields) if kept <= number <= through}
        yield aside
        start: int | bytes = kept
        while page := await self._link.execute(
            "ZRANGEBYSCORE", origin.keys.withdrawn, start, through, "LIMIT", 0, MOST
        ):
            yield {int(number) for number in page} - aside
            start = b"(" + page[-1]

    async def _pages(self, key: bytes, last: str) -> AsyncIterator[list[Entry]]:
        """The entries of a stream up to ``last``. Their size decides how many are read next."""
        start, count = b"-", FIRST
        while page := await self._link.execute("XRANGE", key, start, last, "COUNT", count):
            entries = [(entry[0], entry[1]) for entry in page]
            yield entries
            start = b"(" + entries[-1][0]
            size = sum(len(word) for _, fields in entries for word in fields)
            count = max(1, min(MOST, 4 * count, BYTES * len(entries) // max(size, 1)))


def _ends_by(entry: Entry, number: int) -> bool:
    """Whether ``entry`` is a version that covers no message after ``number``."""
    version = read_version(entry[1][1])
    return version is not None and int(version.through) <= number
