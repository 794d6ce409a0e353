"""The contents of an existing Motörhead's Redis, which is only read. Keys that are not the original's are reported.

The original joins role and content by ``": "``, newest first. Messages dropped from its lists may still be stored with
their vectors, role and content apart; their order is not recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from motorhead.messages import NewMessage
from motorhead.store.keys import Mark, mark
from redis_link.connection import Reply
from redis_link.link import Link

#: The latest valid time, in seconds since 1970; the original never wrote a later one.
LATEST = 1e11


@dataclass(frozen=True, slots=True)
class OldSession:
    """A session of the original. ``lines``: oldest first. ``remembered``: (role, content) of messages with vectors.

    ``listed``: the marks of its namespaces, each with the time of the last activity in seconds.
    """

    lines: list[bytes]
    context: str | None
    tokens: int
    listed: list[tuple[Mark, float]]
    remembered: list[tuple[str, str]]

    @property
    def summary(self) -> str | None:
        """The context; None if it is the original's ``NONE``."""
        return None if self.said_none else self.context

    @property
    def said_none(self) -> bool:
        """Whether the context is ``NONE``."""
        return self.context is not None and self.context.strip().upper() == "NONE"

    def listed_messages(self) -> list[NewMessage]:
        """The list's messages, oldest first.

        A line is split like the message with a vector that it equals, or else at the first ``": "``.
        """
        parted = {f"{role}: {content}".encode(): (role, content) for role, content in self.remembered}
        return [NewMessage(*parted.get(line, _parted(line))) for line in self.lines]

    def recovered(self) -> list[NewMessage]:
        """The messages that occur with vectors more often than in the list, sorted."""
        listed = Counter((message.role, message.content) for message in self.listed_messages())
        left = Counter(self.remembered) - listed
        return [NewMessage(role, content) for role, content in sorted(left.elements(), key=_by_content)]


class Original:
    """Reads an existing Motörhead's Redis. ``left_out``: a sentence for each key that is not the original's."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._listed: dict[bytes, list[tuple[Mark, float]]] = {}
        self._remembered: dict[bytes, list[tuple[str, str]]] = {}
        self._sessions: set[bytes] = set()
        self.left_out: list[str] = []

    async def ids(self) -> list[bytes]:
        """The sorted ids of all possible sessions. Call this first: it also reads the listings and vectors."""
        async for key in self._keys_of("sessions", "zset"):
            await self._read_listing(key)
        async for key in self._keys_of("motorhead:", "hash"):
            await self._read_remembered(key)
        found = set()
        for prefix in ("session:", "context:"):
            async for key in self._link.scan(prefix + "*"):
                found.add(key[len(prefix) :])
        return sorted(found)

    async def session(self, session_id: bytes) -> OldSession | None:
        """The session; None if the original has no key for this id."""
        lines = await self._value(b"session:" + session_id, "list", "LRANGE", 0, -1)
        context = await self._value(b"context:" + session_id, "string", "GET")
        if lines is None and context is None:
            return None
        self._sessions.add(session_id)
        return OldSession(
            (lines or [])[::-1],
            context.decode(errors="replace") if context is not None else None,
            await self._tokens(b"tokens:" + session_id),
            self._listed.get(session_id, []),
            self._remembered.get(session_id, []),
        )

    @property
    def ghosts(self) -> int:
        """How many listed ids have no session."""
        return len(self._listed.keys() - self._sessions)

    @property
    def left_behind(self) -> int:
        """How many messages with vectors belong to no session."""
        return sum(len(self._remembered[session_id]) for session_id in self._remembered.keys() - self._sessions)

    async def _keys_of(self, prefix: str, kind: str) -> AsyncIterator[bytes]:
        async for key in self._link.scan(prefix + "*"):
            if prefix == "sessions" and key != b"sessions" and not key.startswith(b"sessions:"):
                continue
            if await self._is(key, kind):
                yield key

    async def _is(self, key: bytes, kind: str) -> bool:
        """Whether the key exists and is of this type; a key of another type is reported."""
        found = (await self._link.execute("TYPE", key)).decode()
        if found not in {kind, "none"}:
            self._leave_out(key, f"it is a {found}, not a {kind}")
        return bool(found == kind)

    async def _value(self, key: bytes, kind: str, command: str, *arguments: int) -> Reply:
        return await self._link.execute(command, key, *arguments) if await self._is(key, kind) else None

    async def _tokens(self, key: bytes) -> int:
        value = await self._value(key, "string", "GET") or b"0"
        if value.isdigit() and len(value) <= 15:
            return int(value)
        self._leave_out(key, "it is not a count")
        return 0

    async def _read_listing(self, key: bytes) -> None:
        namespace = mark(None if key == b"sessions" else key[len(b"sessions:") :].decode(errors="replace"))
        rows: Sequence[bytes] = await self._link.execute("ZRANGE", key, 0, -1, "WITHSCORES")
        for session_id, score in zip(rows[::2], rows[1::2], strict=True):
            self._listed.setdefault(session_id, []).append((namespace, self._time(key, float(score))))

    def _time(self, key: bytes, seconds: float) -> float:
        if 0 <= seconds < LATEST:
            return seconds
        self._leave_out(key, f"it lists a session at {seconds:g} s, which is not a valid time")
        return 0.0

    async def _read_remembered(self, key: bytes) -> None:
        session, role, content = await self._link.execute("HMGET", key, "session", "role", "content")
        if session is not None and role is not None and content is not None:
            pair = (role.decode(errors="replace"), content.decode(errors="replace"))
            self._remembered.setdefault(session, []).append(pair)

    def _leave_out(self, key: bytes, reason: str) -> None:
        self.left_out.append(f"Key {key.decode(errors='backslashreplace')!r}: {reason}; it was left out.")


def _parted(line: bytes) -> tuple[str, str]:
    role, _, content = line.decode(errors="replace").partition(": ")
    return role, content


def _by_content(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]
