"""Importing a session: whole or not at all, whatever happens here meanwhile."""

from __future__ import annotations

import asyncio

from motorhead.messages import NewMessage
from motorhead.store.keys import IMPORTED, SessionKeys, mark
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.tools.original import OldSession
from motorhead.tools.staging import BATCH, Takeover, TakeoverOutcome
from redis_link.link import RedisLink
from tests.support.kit import numbered

ID = b"s"
KEYS = SessionKeys(ID)
OLD = OldSession([b"Human: m0"], "So far.", 5, [(mark("n"), 12.5)], [])
MESSAGES = numbered(0, 2 * BATCH + 1)


async def test_a_taken_over_session_is_like_any_other(link: RedisLink, store: Store) -> None:
    """It has messages, summary, tokens and a namespace, can be continued, and is deleted without leftovers."""
    assert await Takeover(link).take(ID, OLD, MESSAGES, 0) is TakeoverOutcome.DONE
    state = await store.state(ID)
    assert state is not None
    assert (state.last, state.folded, state.context, state.tokens) == (len(MESSAGES), 0, "So far.", 5)
    assert await Listing(link).page(mark("n"), 1, 9, False) == [ID]
    assert await Listing(link).namespaces() == ["n"]
    await store.append(ID, [NewMessage("Human", "more")], "Edited.", mark(None), ())
    assert len(await store.messages(ID, 1, 9999, 9999)) == len(MESSAGES) + 1
    await store.delete(ID)
    assert await link.execute("EXISTS", *KEYS.all) == 0
    assert await Takeover(link).remembers(ID)


async def test_an_append_meanwhile_is_not_mixed_up(link: RedisLink, store: Store) -> None:
    """A session started here during the staging is not changed, and no staged messages are left."""
    await store.append(ID, [NewMessage("Human", "mine")], None, mark(None), ())
    assert await Takeover(link).take(ID, OLD, MESSAGES, 0) is TakeoverOutcome.CHANGED
    assert [message.content for message in await store.messages(ID, 1, 9, 9)] == ["mine"]
    assert await link.execute("EXISTS", KEYS.arriving, IMPORTED) == 0


async def test_a_continuation_is_refused_when_the_session_went_on(link: RedisLink, store: Store) -> None:
    """A continuation is written only if the session still exists and has no newer message."""
    takeover = Takeover(link)
    await takeover.take(ID, OLD, MESSAGES[:2], 0)
    await store.append(ID, [NewMessage("Human", "mine")], None, mark(None), ())
    assert await takeover.take(ID, OLD, MESSAGES[2:], 2) is TakeoverOutcome.CHANGED
    await store.delete(ID)
    assert await takeover.take(ID, OLD, MESSAGES[2:], 2) is TakeoverOutcome.CHANGED
    assert await store.state(ID) is None


async def test_a_deletion_meanwhile_is_final(link: RedisLink, store: Store) -> None:
    """Staged messages are deleted with the session's keys and do not become a session afterwards."""

    class Deleting(Takeover):
        async def _lay_ready(self, *arguments: object) -> bool:
            laid = await super()._lay_ready(*arguments)  # type: ignore[arg-type]
            await store.delete(ID)
            return laid

    assert await Deleting(link).take(ID, OLD, MESSAGES, 0) is TakeoverOutcome.LOST
    assert await link.execute("EXISTS", *KEYS.all) == 0


async def test_a_session_may_be_in_any_number_of_namespaces(link: RedisLink) -> None:
    """A session can be in more namespaces than one Lua call accepts."""
    old = OldSession([b"Human: m0"], None, 0, [(mark(f"n{number}"), 1.0) for number in range(9_000)], [])
    assert await Takeover(link).take(ID, old, MESSAGES[:1], 0) is TakeoverOutcome.DONE
    assert await link.execute("SCARD", KEYS.namespaces) == 9_000


async def test_two_at_once_make_one_session(link: RedisLink, store: Store) -> None:
    """An import that finds another import's staged messages leaves the session to it."""
    both = [Takeover(link).take(ID, OLD, MESSAGES, 0) for _ in range(2)]
    assert await asyncio.gather(*both) == [TakeoverOutcome.DONE, TakeoverOutcome.SHARED]
    taken = await store.messages(ID, 1, 9999, 9999)
    assert [message.content for message in taken] == [message.content for message in MESSAGES]
    assert await link.execute("EXISTS", KEYS.arriving) == 0


async def test_staged_messages_expire(link: RedisLink) -> None:
    """The staged messages of an interrupted import expire."""
    await Takeover(link)._lay_ready(ID, MESSAGES, 1)
    assert await link.execute("XLEN", KEYS.arriving) == len(MESSAGES)
    assert 0 < await link.execute("PTTL", KEYS.arriving) <= 3600 * 1000
