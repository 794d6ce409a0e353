"""``python -m motorhead import redis://…``: takes over what an existing Motörhead has in its Redis.

It only reads there. A session is taken over under an idempotency key, so an import that was broken off, or is
run again, goes on where it stopped. What the original had dropped from its list but still holds beside its vectors
comes back, before the messages of the list and above the watermark: the next fold tells it. In which order those
were said is not recorded anywhere; they are sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from motorhead.exceptions import Conflict
from motorhead.keys import Mark, SessionKeys, listing, mark
from motorhead.messages import NewMessage
from motorhead.redis_connection import Command
from motorhead.redis_link import Link
from motorhead.store import Store

#: Messages appended in one request.
BATCH = 500
KEY = "import from motorhead"
Progress = Callable[[int, int], None]


@dataclass
class Report:
    """What an import came to."""

    sessions: int = 0
    messages: int = 0
    recovered: int = 0
    again: int = 0
    skipped: list[str] = field(default_factory=list)
    ghosts: int = 0
    left_behind: int = 0
    no_summary: int = 0

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield f"{self.sessions} sessions with {self.messages} messages were taken over."
        yield f"{self.recovered} of these messages had been dropped by the original and were found beside its vectors."
        if self.again:
            yield f"{self.again} sessions had been taken over before."
        yield from self.skipped
        if self.no_summary:
            yield f"{self.no_summary} summaries were NONE and count as none."
        if self.ghosts:
            yield f"{self.ghosts} ids were listed without a session and were left out."
        if self.left_behind:
            yield f"{self.left_behind} messages of deleted sessions lie beside the vectors and were left there."


@dataclass
class _Old:
    """A session as the original holds it."""

    lines: list[bytes] = field(default_factory=list)
    context: str | None = None
    tokens: int = 0
    listed: list[tuple[Mark, float]] = field(default_factory=list)
    remembered: list[tuple[str, str]] = field(default_factory=list)


class Import:
    """One import from ``source`` into the store on ``target``."""

    def __init__(self, source: Link, target: Link) -> None:
        self._source = source
        self._target = target
        self._store = Store(target)
        self._listed: dict[bytes, list[tuple[Mark, float]]] = {}
        self._remembered: dict[bytes, list[tuple[str, str]]] = {}
        self._report = Report()

    async def run(self, progress: Progress) -> Report:
        """Take everything over; ``progress`` hears how many sessions of how many are done."""
        await self._read_listings()
        await self._read_remembered()
        ids = await self._ids()
        for done, session_id in enumerate(ids):
            progress(done, len(ids))
            await self._session(session_id)
        progress(len(ids), len(ids))
        self._report.ghosts = sum(session_id not in set(ids) for session_id in self._listed)
        self._report.left_behind = sum(
            len(rows) for session_id, rows in self._remembered.items() if session_id not in set(ids)
        )
        return self._report

    async def _ids(self) -> list[bytes]:
        found = set()
        for prefix in (b"session:", b"context:"):
            async for key in self._source.scan(prefix.decode() + "*"):
                found.add(key[len(prefix) :])
        return sorted(found)

    async def _read_listings(self) -> None:
        async for key in self._source.scan("sessions*"):
            if key != b"sessions" and not key.startswith(b"sessions:"):
                continue
            namespace = mark(None if key == b"sessions" else key[len(b"sessions:") :].decode(errors="replace"))
            rows = await self._source.execute("ZRANGE", key, 0, -1, "WITHSCORES")
            for session_id, score in zip(rows[::2], rows[1::2], strict=True):
                self._listed.setdefault(session_id, []).append((namespace, float(score)))

    async def _read_remembered(self) -> None:
        async for key in self._source.scan("motorhead:*"):
            if await self._source.execute("TYPE", key) != b"hash":
                continue
            session, role, content = await self._source.execute("HMGET", key, "session", "role", "content")
            if session is not None and role is not None and content is not None:
                pair = (role.decode(errors="replace"), content.decode(errors="replace"))
                self._remembered.setdefault(session, []).append(pair)

    async def _read(self, session_id: bytes) -> _Old:
        lines, context, tokens = await self._source.pipeline(
            ("LRANGE", b"session:" + session_id, 0, -1),
            ("GET", b"context:" + session_id),
            ("GET", b"tokens:" + session_id),
        )
        return _Old(
            lines[::-1],
            context.decode(errors="replace") if context is not None else None,
            int(tokens or 0),
            self._listed.get(session_id, []),
            self._remembered.get(session_id, []),
        )

    async def _session(self, session_id: bytes) -> None:
        old = await self._read(session_id)
        if old.context is not None and old.context.strip().upper() == "NONE":
            old.context = None
            self._report.no_summary += 1
        known = await self._target.execute("HEXISTS", SessionKeys(session_id).idempotency, f"{KEY} 0")
        if not known and await self._store.state(session_id) is not None:
            self._skip(session_id, "there is a session of this id here already; it was left as it is")
            return
        listed = _told_apart(old)
        recovered = _recovered(old.remembered, listed)
        try:
            await self._write(session_id, old, [*recovered, *listed])
        except Conflict:
            self._skip(session_id, "it has changed there since it was taken over; it was left as it is here")
            return
        self._report.again += known
        self._report.sessions += not known
        self._report.messages += 0 if known else len(recovered) + len(listed)
        self._report.recovered += 0 if known else len(recovered)

    async def _write(self, session_id: bytes, old: _Old, messages: Sequence[NewMessage]) -> None:
        listed = old.listed or [(mark(None), 0.0)]
        commands = [_listing_command(session_id, namespace, score) for namespace, score in listed]
        for start in range(0, max(len(messages), 1), BATCH):
            await self._store.append(
                session_id, messages[start : start + BATCH], old.context if start == 0 else None, listed[0][0],
                commands, key=f"{KEY} {start}", source="import",
            )  # fmt: skip
        keys = SessionKeys(session_id)
        await self._target.execute("SADD", keys.namespaces, *(namespace for namespace, _ in listed))
        await self._target.pipeline(*commands)  # whoever saw it unrecorded till now may have taken it for a ghost
        for namespace, _ in listed:
            if namespace.startswith(b"="):
                await self._target.execute("SADD", b"mh:namespaces", namespace[1:])
        await self._target.execute("HSETNX", keys.state, "tokens", old.tokens)

    def _skip(self, session_id: bytes, reason: str) -> None:
        self._report.skipped.append(f"Session {session_id.decode(errors='backslashreplace')!r}: {reason}.")


def _listing_command(session_id: bytes, namespace: Mark, seconds: float) -> Command:
    return ("ZADD", listing(namespace), "GT", int(seconds * 1000), session_id)


def _told_apart(old: _Old) -> list[NewMessage]:
    """The list's messages, oldest first. The original joins role and content by ``": "``; what it keeps beside its
    vectors, unjoined, says where to part them; else it is the first such place.
    """
    parted = {f"{role}: {content}".encode(): (role, content) for role, content in old.remembered}
    messages = []
    for line in old.lines:
        role, _, content = line.decode(errors="replace").partition(": ")
        messages.append(NewMessage(*parted.get(line, (role, content))))
    return messages


def _recovered(remembered: Sequence[tuple[str, str]], listed: Sequence[NewMessage]) -> list[NewMessage]:
    """What lies beside the vectors and not (as often) in the list."""
    left = Counter(remembered) - Counter((message.role, message.content) for message in listed)
    return [NewMessage(role, content) for role, content in sorted(left.elements(), key=_by_content)]


def _by_content(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]
