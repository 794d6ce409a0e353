"""Checking one session beside running servers: a session that changes is checked again, and no change is undone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from motorhead.store.keys import SessionKeys
from motorhead.store.redis_errors import refusal
from motorhead.store.scripts import MEND, REWRITE, SCRIPTS
from motorhead.store.store import Store
from motorhead.tools.diagnosis import Damage
from motorhead.tools.inspector import TRIES, VERSIONS, Inspector
from redis_link.address import parse_address
from redis_link.connection import Reply
from redis_link.link import RedisLink
from redis_link.scripts import Argument, Script
from tests.support.kit import keys_left, numbered

ID = b"s"
KEYS = SessionKeys(ID)
MISLED = ("HSET", KEYS.state, "context", "NONE")


class Overtaken(RedisLink):
    """A link that triggers an event just before each of the next mends."""

    events: Sequence[Callable[[], Awaitable[object]]] = ()

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """See RedisLink."""
        if script is MEND and self.events:
            event, *self.events = self.events
            await event()
        return await super().run(script, keys, arguments)


@pytest.fixture
async def overtaken(redis_url: str) -> AsyncIterator[Overtaken]:
    link = Overtaken(parse_address(redis_url), scripts=SCRIPTS, refusal=refusal)
    await link.open()
    yield link
    await link.close()


@pytest.fixture
async def session(store: Store) -> None:
    """Six messages and a summary."""
    await store.append(ID, numbered(0, 6), "c", b"-", ())


async def mended(link: RedisLink) -> list[Damage]:
    return await Inspector(link, KEYS, mend=True).look()


async def begin_again(store: Store) -> None:
    await store.delete(ID)
    await store.append(ID, numbered(0, 1), "again", b"-", ())


async def test_a_session_that_goes_on_meanwhile_is_judged_again(
    session: None, link: RedisLink, store: Store, overtaken: Overtaken
) -> None:
    """The mend applies to the session's latest state, and undoes nothing."""
    await link.execute(*MISLED)
    overtaken.events = [lambda: store.append(ID, numbered(6, 1), None, b"-", ())]
    assert await mended(overtaken) == [Damage("the summary is NONE")]
    state = await store.state(ID)
    assert state is not None
    assert (state.context, state.last) == ("c", 7)


async def test_a_session_that_keeps_changing_is_left(
    session: None, link: RedisLink, store: Store, overtaken: Overtaken
) -> None:
    """The findings are reported as not mended."""
    await link.execute(*MISLED)
    overtaken.events = [lambda: store.append(ID, numbered(6, 1), None, b"-", ())] * (TRIES + 1)
    assert await mended(overtaken) == [Damage("the summary is NONE", mendable=False)]
    assert await link.execute("HGET", KEYS.state, "context") == b"NONE"


@pytest.mark.parametrize(
    "damage", [MISLED, ("XADD", KEYS.messages, "9-0", "m", "x"), ("UNLINK", KEYS.namespaces), ("UNLINK", KEYS.state)]
)
async def test_a_session_begun_again_meanwhile_is_another(
    session: None, link: RedisLink, store: Store, overtaken: Overtaken, damage: tuple[str | bytes, ...]
) -> None:
    """Nothing in the new session is changed or set aside."""
    await link.execute(*damage)
    overtaken.events = [lambda: begin_again(store)]
    await mended(overtaken)
    state = await store.state(ID)
    assert state is not None
    assert (state.context, state.last) == ("again", 1)
    assert await link.execute("EXISTS", KEYS.damaged) == 0
    assert await mended(link) == []


async def test_a_key_that_is_right_meanwhile_stays(
    session: None, link: RedisLink, store: Store, overtaken: Overtaken
) -> None:
    """A key of the wrong type is set aside only if it still has that type."""
    await link.pipeline(("UNLINK", KEYS.versions), ("SET", KEYS.versions, "x"))
    overtaken.events = [lambda: begin_again(store)]
    await mended(overtaken)
    assert await link.execute("XLEN", KEYS.versions) == 1
    assert await link.execute("EXISTS", KEYS.damaged) == 0


async def test_keys_of_a_session_that_is_begun_meanwhile_stay(
    link: RedisLink, store: Store, overtaken: Overtaken
) -> None:
    """Keys without a session are not removed if the session has been started meanwhile."""
    await link.execute("HSET", KEYS.idempotency, "k", "x")
    overtaken.events = [lambda: store.append(ID, numbered(0, 1), None, b"-", (), key="new")]
    await mended(overtaken)
    assert await link.execute("HKEYS", KEYS.idempotency) == [b"k", b"new"]
    await store.delete(ID)
    await link.execute("HSET", KEYS.idempotency, "k", "x")
    assert await mended(link) == [Damage("keys without a session")]
    assert await keys_left(link) == []


async def test_the_summary_is_found_behind_many_that_say_none(session: None, link: RedisLink, store: Store) -> None:
    """The newest version with a summary is restored, however many without one follow it."""
    for _ in range(VERSIONS):
        await store.append(ID, [], "NONE", b"-", ())
    assert await mended(link) == [Damage("the summary is NONE")]
    assert await link.execute("HGET", KEYS.state, "context") == b"c"


@pytest.mark.parametrize(("epoch", "last"), [("another", 6), (None, 5)])
async def test_messages_are_rewritten_for_the_session_that_was_judged(
    session: None, link: RedisLink, store: Store, epoch: str | None, last: int
) -> None:
    """A session that was started again, or has a newer message, keeps its stream."""
    state = await store.state(ID)
    assert state is not None
    before = await link.execute("DUMP", KEYS.messages)
    await link.execute("HSET", KEYS.state, "last", last)
    await link.run(REWRITE, [KEYS.state, KEYS.messages, KEYS.room], [epoch or state.epoch, last])
    assert await link.execute("DUMP", KEYS.messages) == before
