"""The walk of a search: sessions newest first, read a few dozen at a time, within a budget of time and bytes.

There is no index: sessions are small, and a search that ends early says where to go on. Between two sessions other
requests get their turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import Any

from motorhead.messages import Message
from motorhead.search.cursor import Cursor
from motorhead.search.results import Found, SearchAnswer, Where
from motorhead.search.words import Words
from motorhead.store.keys import NAMESPACES, UNNAMED, Mark, SessionKeys, listing
from motorhead.store.listing import Listing
from motorhead.store.state import LARGEST
from motorhead.store.store import message_of
from redis_link.exceptions import StoreRefused
from redis_link.link import Link

#: Sessions looked at in one round trip, and messages of a session read at once.
SESSIONS, MESSAGES = 50, 200
#: Seconds and bytes after which a search ends with a cursor.
SECONDS, BYTES = 0.2, 8 * 2**20
#: Bytes of messages to read at once, and bytes of text for an estimated token, on the safe side for most scripts.
BYTES_AT_ONCE, BYTES_A_TOKEN = 2**19, 8
#: In a cursor, instead of a message's number: continue with the summary.
SUMMARY = -1
#: Searches under way in this process; further ones wait.
AT_ONCE = 2

FIELDS = ("own_title", "title", "context", "last", "weight", "epoch")


@dataclass(frozen=True, slots=True)
class Session:
    """A session to be searched: its place in the listing, and its facts."""

    id: bytes
    namespace: Mark
    updated: int
    title: str
    context: str
    last: int
    #: How many messages to read at once.
    page: int


class Budget:
    """What a search may still use."""

    def __init__(self, results: int) -> None:
        self.results = results
        self._bytes = BYTES
        self._deadline = monotonic() + SECONDS

    def take(self) -> bool:
        """Count a result; whether it was the last one."""
        self.results -= 1
        return self.results <= 0

    def read(self, size: int) -> None:
        """Count ``size`` bytes of messages."""
        self._bytes -= size

    @property
    def spent(self) -> bool:
        """Whether time, bytes or results are used up."""
        return self.results <= 0 or self._bytes <= 0 or monotonic() > self._deadline


class Search:
    """Finds words in sessions."""

    def __init__(self, link: Link, listings: Listing) -> None:
        self._link = link
        self._listings = listings
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def find(self, words: Words, namespace: Mark | None, start: Cursor | None, limit: int) -> SearchAnswer:
        """Up to ``limit`` places in sessions of ``namespace`` (None: of all) with every word, newest session first.

        In a session, the title comes first, then the summary, then its messages, newest first. The answer's cursor
        continues the search; None: everything has been searched.
        """
        async with self._slots:
            return await self._find(words, namespace, start, limit)

    async def _find(self, words: Words, namespace: Mark | None, start: Cursor | None, limit: int) -> SearchAnswer:
        results: list[Found] = []
        budget = Budget(limit)
        for mark in [namespace] if namespace is not None else await self._all_namespaces():
            if start is None or mark >= start.namespace:
                place = start if start is not None and mark == start.namespace else None
                if cursor := await self._search(mark, words, place, budget, results):
                    return SearchAnswer(results, str(cursor))
        return SearchAnswer(results, None)

    async def _search(
        self, namespace: Mark, words: Words, place: Cursor | None, budget: Budget, results: list[Found]
    ) -> Cursor | None:
        """Add to ``results`` what is found in ``namespace`` from ``place`` on; where the budget ended, if it did.

        A session that becomes active moves up in the listing, past the search. So sessions that were active since a
        pass began are looked at in a further pass, until there are none.
        """
        began, floor = (place.began, place.floor) if place else (await self._newest(namespace), 0)
        while True:
            async with aclosing(self._sessions(namespace, place, floor)) as sessions:
                async for session in sessions:
                    before = place.before if place and place.session == session.id else None
                    if before == 0:
                        continue
                    try:
                        found, rest = await self._look(session, words, before, budget)
                    except StoreRefused:  # a damaged session, for fsck
                        continue
                    results += found
                    if rest is not None or budget.spent:
                        return Cursor(namespace, session.updated, session.id, rest or 0, began, floor)
                    await asyncio.sleep(0)
            newest = await self._newest(namespace)
            if newest <= began:
                return None
            place, began, floor = None, newest, began + 1

    async def _newest(self, namespace: Mark) -> int:
        """When a session of the namespace was last active (ms); 0 if it has none."""
        rows = await self._link.execute("ZREVRANGE", listing(namespace), 0, 0, "WITHSCORES")
        return _time(rows[1]) if rows else 0

    async def _all_namespaces(self) -> list[Mark]:
        return sorted([UNNAMED, *(b"=" + name for name in await self._link.execute("SMEMBERS", NAMESPACES))])

    async def _sessions(self, namespace: Mark, start: Cursor | None, floor: int) -> AsyncGenerator[Session]:
        """The sessions of a namespace, newest first, from ``start`` down to those active at ``floor`` (ms)."""
        highest, skipped = ("+inf" if start is None else start.updated), 0
        while True:
            rows = await self._link.execute(
                "ZREVRANGEBYSCORE", listing(namespace), highest, floor, "WITHSCORES", "LIMIT", skipped, SESSIONS
            )
            ids, scores = rows[::2], [_time(score) for score in rows[1::2]]
            listed = {one: at for one, at in zip(ids, scores, strict=True) if _is_from(start, at, one)}
            for session in await self._facts(namespace, listed):
                yield session
            if len(ids) < SESSIONS:
                return
            same = scores.count(scores[-1])
            skipped = skipped + same if highest == scores[-1] else same
            highest = scores[-1]

    async def _facts(self, namespace: Mark, listed: dict[bytes, int]) -> list[Session]:
        ids = await self._listings.without_ghosts(namespace, list(listed))
        if not ids:
            return []
        replies = await self._listings.each([("HMGET", SessionKeys(one).state, *FIELDS) for one in ids])
        return [
            _session(one, namespace, listed[one], reply)
            for one, reply in zip(ids, replies, strict=True)
            if reply and reply[-1]
        ]

    async def _look(
        self, session: Session, words: Words, before: int | None, budget: Budget
    ) -> tuple[list[Found], int | None]:
        """What is found in ``session``, and the number below which to go on if the budget ended in it."""
        found: list[Found] = []
        budget.read(len(session.context))
        texts: list[tuple[int | None, Where, str]] = [
            (None, "title", session.title), (SUMMARY, "summary", session.context),
        ]  # fmt: skip
        for stage, where, text in texts:
            if before == stage:
                before = SUMMARY if stage is None else session.last + 1
                if words.in_all(text):
                    found.append(_found(session, words, where, text))
                    if budget.take():
                        return found, before
        return await self._look_at_messages(session, words, before or 0, budget, found)

    async def _look_at_messages(
        self, session: Session, words: Words, before: int, budget: Budget, found: list[Found]
    ) -> tuple[list[Found], int | None]:
        while before > 1:
            entries = await self._page(session, before)
            for entry in entries:
                message = message_of(entry)
                before = int(entry[0].partition(b"-")[0])
                budget.read(len(entry[1][1]))
                if message and words.in_all(message.content):
                    found.append(_found(session, words, "message", message.content, message))
                    if budget.take():
                        return found, before
            if len(entries) < session.page:
                break
            if budget.spent:  # only now, so that every call gets somewhere
                return found, before
            await asyncio.sleep(0)
        return found, None

    async def _page(self, session: Session, before: int) -> Sequence[Any]:
        """Messages below ``before``, newest first."""
        key = SessionKeys(session.id).messages
        entries: Sequence[Any] = await self._link.execute("XREVRANGE", key, before - 1, "-", "COUNT", session.page)
        return entries


def _time(score: bytes) -> int:
    """The time (ms) in a listing's score, which is a number of any size if the listing is damaged."""
    return int(max(0.0, min(float(score), LARGEST)))


def _is_from(start: Cursor | None, updated: int, session_id: bytes) -> bool:
    """Whether the session is at or after ``start`` in the order of a listing: newest first, then by id, last first."""
    return start is None or updated < start.updated or session_id <= start.session


def _session(session_id: bytes, namespace: Mark, updated: int, reply: Sequence[bytes | None]) -> Session:
    own_title, title, context, last, weight, _ = (value or b"" for value in reply)
    return Session(
        session_id,
        namespace,
        updated,
        (own_title or title).decode(errors="replace"),
        context.decode(errors="replace"),
        int(last) if last.isdigit() else 0,
        _page(last, weight),
    )


def _page(last: bytes, weight: bytes) -> int:
    """How many messages of a session to read at once: fewer if they are long."""
    each = BYTES_A_TOKEN * int(weight) // int(last) if weight.isdigit() and last.isdigit() and int(last) else 0
    return max(1, min(MESSAGES, BYTES_AT_ONCE // max(each, 1)))


def _found(session: Session, words: Words, where: Where, text: str, message: Message | None = None) -> Found:
    excerpt = words.excerpt(text)
    return Found(
        session.id.decode(errors="replace"),
        None if session.namespace == UNNAMED else session.namespace[1:].decode(errors="replace"),
        session.title or None,
        session.updated,
        where,
        None if message is None else message.id,
        None if message is None else message.role,
        None if message is None else message.created_at,
        excerpt.text,
        excerpt.marks,
    )
