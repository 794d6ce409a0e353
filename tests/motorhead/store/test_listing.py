"""Listings: complete, in order, and without ghosts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import httpx
import pytest

from motorhead.store import namespaces as module
from motorhead.store.keys import SessionKeys, mark
from motorhead.store.listing import GHOST_AGE, Listing, now_ms
from motorhead.store.redis_errors import refusal
from motorhead.store.scripts import SCRIPTS
from motorhead.store.store import Store
from redis_link.address import Address, parse_address
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreUnavailable
from redis_link.link import RedisLink
from tests.support.kit import contents, in_process, keys_left, numbered, wire

TEAM = mark("team")


@pytest.fixture
async def listing(link: RedisLink, store: Store) -> Listing:
    """Five sessions in one namespace, oldest activity first."""
    listing = Listing(link)
    for number in range(5):
        session_id = b"s%d" % number
        await store.append(session_id, numbered(0, 1), None, TEAM, listing.add(session_id, TEAM))
        await link.execute("ZADD", "mh:sessions:team", 1000 + number, session_id)
    return listing


async def test_pages_follow_each_other_in_either_order(listing: Listing) -> None:
    """Pages count from 1, the last may be short, and newest first is the reverse order."""
    assert await listing.page(TEAM, 1, 2, False) == [b"s0", b"s1"]
    assert await listing.page(TEAM, 3, 2, False) == [b"s4"]
    assert await listing.page(TEAM, 4, 2, False) == []
    assert await listing.page(TEAM, 1, 2, True) == [b"s4", b"s3"]


async def test_a_ghost_is_left_out_and_taken_off_once_it_is_stale(listing: Listing, link: RedisLink) -> None:
    """An id without a session is never shown; a recent one stays listed, as it may be an append under way."""
    await link.execute("ZADD", "mh:sessions:team", 1, b"stale", now_ms() - GHOST_AGE // 2, b"young")
    assert await listing.page(TEAM, 1, 10, False) == [b"s%d" % number for number in range(5)]
    assert await link.execute("ZSCORE", "mh:sessions:team", b"stale") is None
    assert await link.execute("ZSCORE", "mh:sessions:team", b"young") is not None


async def test_what_a_refused_append_listed_is_taken_back(memory: httpx.AsyncClient, link: RedisLink) -> None:
    """An append that is repeated, conflicts or comes too late does not list its session in another namespace."""
    path, key = "/sessions/s/memory", {"Idempotency-Key": "k"}
    first = await memory.post(f"{path}?namespace=a", json=wire("x"), headers=key)
    tries = [
        await memory.post(f"{path}?namespace=b", json=wire("x"), headers=key),
        await memory.post(f"{path}?namespace=c", json=wire("y"), headers=key),
        await memory.post(f"{path}?namespace=d", json=wire("x"), headers={"Session-Epoch": "0"}),
        await memory.post(f"{path}?namespace=a", json=wire("y"), headers=key),
    ]
    assert [answer.status_code for answer in tries] == [200, 409, 412, 409]
    assert await link.execute("KEYS", "mh:sessions*") == [b"mh:sessions:a"]
    assert await link.execute("SMEMBERS", "mh:namespaces") == [b"a"]
    assert (await memory.get("/sessions?namespace=a")).json() == ["s"]
    await memory.delete(path)
    late = {"Session-Epoch": first.headers["session-epoch"]}
    assert (await memory.post(f"{path}?namespace=a", json=wire("x"), headers=late)).status_code == 412
    assert await link.execute("KEYS", "mh:sessions*") == []


async def test_taking_back_leaves_what_another_append_listed(listing: Listing, link: RedisLink) -> None:
    """A session that was active after the refused append, or was written to in the namespace, stays listed."""
    listed_at = now_ms()
    await link.pipeline(*listing.add(b"new", TEAM, listed_at))
    await link.execute("ZADD", "mh:sessions:team", now_ms() + 10_000, b"new")
    await listing.take_back(b"new", TEAM, listed_at)
    assert await link.execute("ZSCORE", "mh:sessions:team", b"new") is not None
    await link.pipeline(*listing.add(b"s0", TEAM, listed_at))
    await listing.take_back(b"s0", TEAM, listed_at)
    assert b"s0" in await listing.page(TEAM, 1, 10, False)


class Meddling(RedisLink):
    """A link on which something happens once between an append's listing and its script."""

    def __init__(self, address: Address) -> None:
        super().__init__(address, scripts=SCRIPTS, refusal=refusal)
        self.meddle: Callable[[], Awaitable[None]] | None = None
        self.lose_next = False
        self.before_affirming: Callable[[], Awaitable[None]] | None = None

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """Send the commands in two parts as long as an event is pending."""
        if self.lose_next and commands[0][0] == "ZADD":
            self.lose_next = False
            raise StoreUnavailable("Lost.")
        if self.before_affirming is not None and commands[-1][0] == "SISMEMBER":
            meddle, self.before_affirming = self.before_affirming, None
            await meddle()
        if self.meddle is None or commands[-1][0] != "EVALSHA":
            return await super().replies(commands)
        meddle, self.meddle = self.meddle, None
        before = await super().replies(commands[:-1])
        await meddle()
        return before + await super().replies(commands[-1:])


@pytest.fixture
async def meddling(redis_url: str) -> AsyncIterator[tuple[Meddling, httpx.AsyncClient]]:
    """A memory server in this process over a meddling link, and its client."""
    link = Meddling(parse_address(redis_url))
    await link.open()
    async with in_process(link) as client:
        yield link, client
    await link.close()


@pytest.mark.parametrize("removal", ["a refused append", "a deletion", "the end of a ghost"])
async def test_a_session_that_is_begun_while_its_id_is_taken_off_is_listed(
    meddling: tuple[Meddling, httpx.AsyncClient], link: RedisLink, removal: str
) -> None:
    """A removal between the listing and the script of a first append unlists neither the session nor the name."""
    other = Listing(link)

    async def take_off() -> None:
        if removal == "a refused append":
            await other.take_back(b"new", TEAM, now_ms() + 1000)
        else:
            await other.remove(b"new", [TEAM], None if removal == "a deletion" else now_ms() + 1000)
        assert await other.namespaces() == []

    meddler, client = meddling
    meddler.meddle = take_off
    assert (await client.post("/sessions/new/memory?namespace=team", json=wire("x"))).status_code == 200
    assert await other.page(TEAM, 1, 10, False) == [b"new"]
    assert await other.namespaces() == ["team"]
    assert await link.execute("SMEMBERS", "mh:namespaces") == [b"team"]


@pytest.mark.parametrize("again", [False, True])
async def test_a_session_that_is_deleted_before_it_is_listed_once_more_is_no_ghost(
    meddling: tuple[Meddling, httpx.AsyncClient], memory: httpx.AsyncClient, link: RedisLink, again: bool
) -> None:
    """A first append that ends after a deletion leaves no id or name, unless the session was started again."""

    async def deleted() -> None:
        assert (await memory.delete("/sessions/new/memory?namespace=team")).status_code == 200
        if again:
            await memory.post("/sessions/new/memory?namespace=team", json=wire("y"))

    meddler, client = meddling
    meddler.before_affirming = deleted
    assert (await client.post("/sessions/new/memory?namespace=team", json=wire("x"))).status_code == 200
    assert await link.execute("ZRANGE", "mh:sessions:team", 0, -1) == [b"new"] * again
    assert await link.execute("SMEMBERS", "mh:namespaces") == [b"team"] * again


async def test_a_session_begun_just_before_its_id_is_taken_off_stays_listed(listing: Listing, link: RedisLink) -> None:
    """A removal that finds that the session exists lists it again, and adds the namespace's name again."""
    await link.execute("DEL", "mh:sessions:team")
    await link.pipeline(*listing.add(b"s0", TEAM))
    await listing.remove(b"s0", [TEAM])
    assert await listing.page(TEAM, 1, 10, False) == [b"s0"]
    assert await listing.namespaces() == ["team"]


async def test_the_name_of_a_namespace_goes_with_its_last_session_and_comes_again(
    memory: httpx.AsyncClient, link: RedisLink
) -> None:
    """The name of an empty namespace is removed; a session started in it a moment later brings the name back."""
    for _ in range(2):
        for session in ("a", "b"):
            await memory.post(f"/sessions/{session}/memory?namespace=fleeting", json=wire("x"))
        assert (await memory.get("/namespaces")).json() == ["fleeting"]
        await memory.delete("/sessions/a/memory")
        assert await link.execute("SMEMBERS", "mh:namespaces") == [b"fleeting"]
        await memory.delete("/sessions/b/memory")
        assert await keys_left(link) == []


async def test_names_survive_deletions_and_appends_that_race(memory: httpx.AsyncClient, link: RedisLink) -> None:
    """However deletions and first appends race, every existing session is listed and its namespace is named."""
    paths = [f"/sessions/s{n}/memory?namespace=n{n % 3}" for n in range(9)]
    for _ in range(5):
        await asyncio.gather(
            *(call for path in paths for call in (memory.delete(path), memory.post(path, json=wire("x"))))
        )
    for n in range(9):
        there = bool((await memory.get(f"/sessions/s{n}/memory")).json()["messages"])
        assert (f"s{n}" in (await memory.get(f"/sessions?namespace=n{n % 3}")).json()) is there
        assert f"n{n % 3}" in (await memory.get("/namespaces")).json() or not there


async def test_a_session_of_another_namespace_is_a_ghost(listing: Listing, link: RedisLink) -> None:
    """An id listed in a namespace where its session was never written to is left out and removed."""
    await link.execute("ZADD", "mh:sessions:other", 1, b"s0")
    assert await listing.page(mark("other"), 1, 10, False) == []
    assert await link.execute("EXISTS", "mh:sessions:other") == 0


async def test_an_id_that_was_active_meanwhile_stays_listed(listing: Listing, link: RedisLink) -> None:
    """An id that has been active since retention looked at it stays listed."""
    began = now_ms()
    await link.execute("DEL", SessionKeys(b"s0").namespaces, SessionKeys(b"s1").namespaces)
    await link.pipeline(*listing.add(b"s0", TEAM))
    await listing.remove(b"s0", [TEAM], began)
    await listing.remove(b"s1", [TEAM], began)
    assert await link.execute("ZSCORE", "mh:sessions:team", b"s0") is not None
    assert await link.execute("ZSCORE", "mh:sessions:team", b"s1") is None


async def test_activity_never_goes_back_in_time(listing: Listing, link: RedisLink) -> None:
    """A replica whose clock is slow does not make a session look older."""
    await link.execute("ZADD", "mh:sessions:team", 10**15, b"s0")
    await link.pipeline(*listing.add(b"s0", TEAM))
    assert (await listing.page(TEAM, 1, 1, True)) == [b"s0"]


async def test_a_namespaces_name_that_was_lost_is_written_again(
    listing: Listing, link: RedisLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process writes a namespace's name again after a while, so that a flush does not hide it permanently."""
    assert len(listing.add(b"s0", TEAM)) == 1
    await link.execute("DEL", "mh:namespaces")
    assert await listing.namespaces() == []
    monkeypatch.setattr(module, "NAME_AGAIN", 0.0)
    await link.pipeline(*listing.add(b"s0", TEAM))
    assert await listing.namespaces() == ["team"]


async def test_a_damaged_session_hides_no_other(listing: Listing, link: RedisLink) -> None:
    """A damaged session is still listed, with its readable details, so that it can be deleted."""
    await link.pipeline(
        ("UNLINK", SessionKeys(b"s0").namespaces), ("SET", SessionKeys(b"s0").namespaces, "x"),
        ("UNLINK", SessionKeys(b"s1").state), ("SET", SessionKeys(b"s1").state, "x"),
        ("HSET", SessionKeys(b"s2").state, "created", "x", "last", "x"),
    )  # fmt: skip
    ids = await listing.page(TEAM, 1, 3, False)
    assert ids == [b"s0", b"s1", b"s2"]
    assert [(one.id, one.messages) for one in await listing.details(ids)] == [("s0", 1), ("s1", 0), ("s2", 0)]


@pytest.mark.parametrize("damaged", ["mh:sessions:team", "mh:namespaces"])
async def test_a_listing_of_the_wrong_kind_is_no_refusal_of_an_append(
    memory: httpx.AsyncClient, link: RedisLink, damaged: str
) -> None:
    """A stored append, a repeated one and a conflict are answered as usual, although the listing is damaged."""
    path, key = "/sessions/s/memory?namespace=team", {"Idempotency-Key": "k"}
    await memory.post("/sessions/other/memory?namespace=team", json=wire("x"))
    await memory.delete("/sessions/other/memory")  # so that the name is written again
    await link.execute("SET", damaged, "x")
    for expected in (200, 200):
        assert (await memory.post(path, json=wire("a"), headers=key)).status_code == expected
    assert (await memory.post(path, json=wire("b"), headers=key)).status_code == 409
    assert (await memory.post(path, json=wire("c"))).status_code == 200
    assert contents((await memory.get(path)).json()) == ["a", "c"]
    await link.execute("DEL", damaged)
    assert (await memory.post(path, json=wire("d"))).status_code == 200
    assert (await memory.get("/sessions?namespace=team")).json() == ["s"]


async def test_a_session_can_be_deleted_whatever_its_listing_is(memory: httpx.AsyncClient, link: RedisLink) -> None:
    """A damaged listing does not fail the deletion, and the session is removed from the others."""
    for namespace in ("mad", "team"):
        await memory.post(f"/sessions/s/memory?namespace={namespace}", json=wire("a"))
    await link.pipeline(("DEL", "mh:sessions:mad"), ("SET", "mh:sessions:mad", "x"))
    assert (await memory.delete("/sessions/s/memory")).status_code == 200
    assert (await memory.get("/sessions/s/memory")).json()["messages"] == []
    assert (await memory.get("/sessions?namespace=team")).json() == []
    assert await link.execute("EXISTS", "mh:sessions:team") == 0


async def test_a_redis_that_is_lost_after_an_append_does_not_unmake_it(
    meddling: tuple[Meddling, httpx.AsyncClient],
) -> None:
    """If only the work after a stored append fails, the append is still answered as stored."""
    link, client = meddling

    async def lose() -> None:
        link.lose_next = True

    link.meddle = lose
    assert (await client.post("/sessions/new/memory?namespace=team", json=wire("x"))).status_code == 200
    assert contents((await client.get("/sessions/new/memory")).json()) == ["x"]
