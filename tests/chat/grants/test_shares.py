"""Share links, over a real Valkey."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.domain.session_ids import owned_session
from chat.grants.shares import SECRET, Shares
from chat.runs.store import Store

TRIP, WORK, HERS = owned_session("bob", "trip"), owned_session("bob", "work"), owned_session("eve", "trip")


async def test_a_link_is_found_by_its_secret_alone(store: Store) -> None:
    """In every worker. Its id, and other secrets of the same form, lead nowhere."""
    here, there = Shares(store), Shares(store)
    secret = await here.add("bob", TRIP, "e1")
    found = await there.find(secret)
    assert found
    assert (found.session, found.epoch, found.owner) == (TRIP, "e1", "bob")
    for forged in (found.id, secret[:-1], secret + "A", "A" * 22, "", f"{secret}\n"):
        assert await there.find(forged) is None


async def test_a_secret_has_128_bits_and_is_not_kept(store: Store, client: Redis) -> None:
    """Who reads Redis cannot open a link."""
    secret = await Shares(store).add("bob", TRIP, "e1")
    assert SECRET.fullmatch(secret)
    keys = await client.keys("*")
    kept = [await client.hgetall(key) if await client.type(key) == b"hash" else await client.get(key) for key in keys]
    assert keys
    assert secret not in repr((keys, kept))


async def test_links_are_listed_newest_first_and_revoked_by_their_owner(store: Store) -> None:
    """Another owner can neither see nor revoke them."""
    shares = Shares(store)
    first, second = await shares.add("bob", TRIP, "e1"), await shares.add("bob", WORK, None)
    await shares.add("eve", HERS, "e2")
    newest, oldest = await shares.list("bob")
    assert (newest.session, oldest.session) == (WORK, TRIP)
    assert not await shares.revoke("eve", oldest.id)
    assert await shares.revoke("bob", oldest.id)
    assert not await shares.revoke("bob", oldest.id)
    assert await shares.find(first) is None
    assert await shares.find(second) == newest


async def test_links_end_with_their_session(store: Store) -> None:
    """All of that session, and no other."""
    shares = Shares(store)
    ended = [await shares.add("bob", TRIP, "e1") for _ in range(2)]
    kept = [await shares.add("bob", WORK, "e2"), await shares.add("eve", HERS, "e3")]
    assert await shares.forget(TRIP) == len(ended)
    assert [await shares.find(secret) is None for secret in (*ended, *kept)] == [True, True, False, False]


async def test_a_worker_killed_between_two_keys_leaves_no_open_link(store: Store, client: Redis) -> None:
    """What is written first can be listed and revoked; what is left behind at the end is removed when it is found."""
    shares = Shares(store)
    secret = await shares.add("bob", TRIP, "e1")
    (leading,) = await client.keys("chat:share:*")
    await client.delete(leading)
    assert await shares.find(secret) is None
    assert [await shares.revoke("bob", share.id) for share in await shares.list("bob")] == [True]
    secret = await shares.add("bob", TRIP, "e1")
    await client.delete("chat:shares:bob")
    assert await shares.find(secret) is None
    assert await client.keys("*") == []


async def test_all_links_of_an_owner_are_forgotten(store: Store, client: Redis) -> None:
    """Nothing is left of them in Redis; other owners keep theirs."""
    shares = Shares(store)
    for session in (TRIP, WORK):
        await shares.add("bob", session, "e1")
    hers = await shares.add("eve", HERS, "e2")
    assert [await shares.forget_all("bob"), await shares.forget_all("bob")] == [2, 0]
    assert await shares.list("bob") == []
    assert await shares.find(hers)
    assert len(await client.keys("*")) == len(["of her links", "of the one link"])
