"""The walk of a search through sessions."""

from __future__ import annotations

from typing import Any

import pytest

from motorhead.messages import NewMessage
from motorhead.search import search as module
from motorhead.search.cursor import read_cursor
from motorhead.search.results import Found, SearchAnswer
from motorhead.search.search import Search
from motorhead.search.words import Words
from motorhead.store.keys import UNNAMED, Mark, SessionKeys, listing, mark
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import said


@pytest.fixture
def search(link: RedisLink) -> Search:
    return Search(link, Listing(link))


class Sessions:
    """Writes sessions, each active a millisecond after the one before."""

    def __init__(self, link: RedisLink, store: Store) -> None:
        self._link = link
        self._store = store
        self._listing = Listing(link)
        self._now = 1_000

    async def add(self, name: str, *contents: str, namespace: Mark = UNNAMED, context: str | None = None) -> None:
        self._now += 1
        messages: list[NewMessage] = said(*contents)
        listed = self._listing.add(name.encode(), namespace, self._now)
        await self._store.append(name.encode(), messages, context, namespace, listed)


@pytest.fixture
def sessions(link: RedisLink, store: Store) -> Sessions:
    return Sessions(link, store)


async def everything(search: Search, query: str, *, namespace: Mark | None = UNNAMED, limit: int = 100) -> list[Found]:
    """All results of a search, through as many calls as it takes."""
    found: list[Found] = []
    answer = SearchAnswer([], "")
    while answer.cursor is not None:
        start = read_cursor(answer.cursor) if answer.cursor else None
        answer = await search.find(Words(query), namespace, start, limit)
        assert len(answer.results) <= limit
        found += answer.results
    return found


def places(found: list[Found]) -> list[tuple[str, str, str | None]]:
    return [(one.session, one.where, one.id) for one in found]


async def test_the_newest_session_comes_first(search: Search, sessions: Sessions):
    """In each, the title, the summary, then the messages, newest first."""
    await sessions.add("old", "tea", "with milk", "more tea")
    await sessions.add("new", "coffee", context="He likes tea.")
    assert places(await everything(search, "TEA")) == [
        ("new", "summary", None), ("old", "title", None), ("old", "message", "3"), ("old", "message", "1"),
    ]  # fmt: skip


async def test_a_result_says_where_it_is(search: Search, sessions: Sessions):
    """Session, title, role, time and the marked text."""
    await sessions.add("s", "hi im bob", "hello Bob!", namespace=mark("team"))
    answer = await search.find(Words("hello"), mark("team"), None, 10)
    (one,) = answer.results
    assert (one.session, one.namespace, one.title, one.role, one.id) == ("s", "team", "hi im bob", "AI", "2")
    assert (one.excerpt, one.marks) == ("hello Bob!", [(0, 5)])
    assert one.created_at
    assert answer.cursor is None


async def test_namespaces_are_apart(search: Search, sessions: Sessions):
    """A search sees its own namespace; only a search of all sees the others, one after the other."""
    for name in ("a", "b"):
        await sessions.add(name, "tea", namespace=mark(name))
    await sessions.add("unnamed", "tea")
    assert {one.session for one in await everything(search, "tea")} == {"unnamed"}
    assert {one.session for one in await everything(search, "tea", namespace=mark("a"))} == {"a"}
    assert [one.session for one in await everything(search, "tea", namespace=None, limit=1)] == [
        *("unnamed", "unnamed", "a", "a", "b", "b"),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_nothing_is_left_out_or_found_twice_over_many_calls(
    search: Search, sessions: Sessions, link: RedisLink, monkeypatch: pytest.MonkeyPatch, limit: int
):
    """However small the answers and pages are, and also for sessions that were active at the same time."""
    monkeypatch.setattr(module, "MESSAGES", 2)
    monkeypatch.setattr(module, "SESSIONS", 3)
    for number in range(8):
        await sessions.add(f"s{number}", "x", *(f"tea {each}" for each in range(number)))
    await link.execute("ZADD", listing(UNNAMED), *(part for n in range(5) for part in (1_002, f"s{n}")))
    found = places(await everything(search, "tea", limit=limit))
    assert len(found) == len(set(found)) == sum(range(8))


async def test_a_search_ends_when_its_time_is_over(search: Search, sessions: Sessions, monkeypatch: pytest.MonkeyPatch):
    """It may have found nothing yet; its cursor goes on."""
    for number in range(3):
        await sessions.add(f"s{number}", "tea" if number == 0 else "x")
    monkeypatch.setattr(module, "SECONDS", 0)
    answer = await search.find(Words("tea"), UNNAMED, None, 10)
    assert (answer.results, answer.cursor is None) == ([], False)
    assert places(await everything(search, "tea")) == [("s0", "title", None), ("s0", "message", "1")]


async def test_a_search_ends_when_it_has_read_enough(
    search: Search, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
):
    """Sessions are then read in several calls."""
    await sessions.add("s", *(f"tea {number}" for number in range(20)))
    monkeypatch.setattr(module, "BYTES", 100)
    monkeypatch.setattr(module, "MESSAGES", 3)
    assert (await search.find(Words("tea"), UNNAMED, None, 100)).cursor
    assert len(await everything(search, "tea")) == 21


@pytest.mark.parametrize("limit", [1, 2])
async def test_a_session_that_becomes_active_meanwhile_is_found(search: Search, sessions: Sessions, limit: int):
    """It moves to the top of the listing, past the search; it may be found twice, but not left out."""
    for number in range(5):
        await sessions.add(f"s{number}", "tea")
    answer = await search.find(Words("tea"), UNNAMED, None, limit)
    found = list(answer.results)
    await sessions.add("s0", "more tea")
    await sessions.add("s5", "new tea")
    while answer.cursor is not None:
        answer = await search.find(Words("tea"), UNNAMED, read_cursor(answer.cursor), limit)
        found += answer.results
    assert {one.session for one in found} == {f"s{number}" for number in range(6)}
    assert "more tea" in {one.excerpt for one in found}


async def test_long_messages_are_read_a_few_at_a_time(
    search: Search, sessions: Sessions, link: RedisLink, monkeypatch: pytest.MonkeyPatch
):
    """Their size is estimated from the session's weight, so that one round trip stays small."""
    await sessions.add("s", *("x" * 1000 for _ in range(30)))
    monkeypatch.setattr(module, "BYTES_AT_ONCE", 10_000)
    asked: list[int] = []
    execute = link.execute

    async def noting(*command: Any) -> Any:
        if command[0] == "XREVRANGE":
            asked.append(command[-1])
        return await execute(*command)

    monkeypatch.setattr(link, "execute", noting)
    assert (await search.find(Words("y"), UNNAMED, None, 10)).results == []
    assert len(asked) > 5
    assert max(asked) <= 10


async def test_a_damaged_session_does_not_end_a_search(search: Search, sessions: Sessions, link: RedisLink):
    """Neither one whose keys have the wrong type, nor a listing with an odd time."""
    for name in ("old", "bad", "worse", "new"):
        await sessions.add(name, "tea")
    for key in (SessionKeys(b"bad").messages, SessionKeys(b"worse").state):
        await link.execute("UNLINK", key)
        await link.execute("SET", key, "x")
    await link.execute("ZADD", listing(UNNAMED), "inf", "new")
    assert {one.session for one in await everything(search, "tea")} >= {"old", "new"}


async def test_ghosts_and_damaged_messages_are_passed_over(search: Search, sessions: Sessions, link: RedisLink):
    """They are not results, and do not end a search."""
    await sessions.add("s", "tea", "tea", "tea")
    await sessions.add("ghost", "tea")
    await link.execute("UNLINK", SessionKeys(b"ghost").state, SessionKeys(b"ghost").namespaces)
    await link.execute("XDEL", SessionKeys(b"s").messages, "2-0")
    await link.execute("XADD", SessionKeys(b"s").messages, "9-0", "m", b"{tea")
    await link.execute("HSET", SessionKeys(b"s").state, "last", "9")
    assert places(await everything(search, "tea")) == [
        ("s", "title", None), ("s", "message", "3"), ("s", "message", "1"),
    ]  # fmt: skip
