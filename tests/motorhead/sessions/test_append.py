"""Appending: one round trip, once per key, and its consequences."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from motorhead.config import FoldSettings
from motorhead.exceptions import Conflict, EpochGone, TooManyRequests
from motorhead.folding.due import DueFolds
from motorhead.metrics import Metrics
from motorhead.sessions.append import Append
from motorhead.store.keys import SessionKeys, mark
from motorhead.store.listing import Listing
from motorhead.store.redis_errors import refusal
from motorhead.store.scripts import SCRIPTS
from motorhead.store.store import Store
from motorhead.upkeep.erasure import Erasure
from redis_link.address import Address, parse_address
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreUnavailable
from redis_link.link import RedisLink
from tests.support.kit import keys_left, numbered

ID, TEAM = b"s", mark("team")


class CountingLink(RedisLink):
    """A link that counts its round trips, and can fail after the next ``left`` ones."""

    def __init__(self, address: Address) -> None:
        super().__init__(address, scripts=SCRIPTS, refusal=refusal)
        self.round_trips = 0
        self.left: int | None = None

    async def replies(self, commands: Sequence[Command]) -> list[Reply]:
        """Those of Redis, until the link fails."""
        self.round_trips += 1
        if self.left is not None:
            if not self.left:
                raise StoreUnavailable("Lost.")
            self.left -= 1
        return await super().replies(commands)


@pytest.fixture
async def counting_link(redis_url: str) -> AsyncIterator[CountingLink]:
    link = CountingLink(parse_address(redis_url))
    await link.open()
    yield link
    await link.close()


class Appending:
    """An `Append`, and a record of what it scheduled and counted."""

    def __init__(self, link: RedisLink, appends_per_minute: int = 0) -> None:
        self.folds: list[bytes] = []
        self.indexed: list[bytes] = []
        self.metrics = Metrics()
        self.append = Append(
            Store(link), Listing(link), DueFolds(FoldSettings(window_size=4), self.folds.append), self.metrics,
            erasure=Erasure(link, True), appends_per_minute=appends_per_minute, index_soon=self.indexed.append,
        )  # fmt: skip

    def counted(self) -> list[str]:
        """The samples of the accepted appends and messages."""
        return [
            line.partition(" ")[2] for one in (self.metrics.appends, self.metrics.messages) for line in one.samples()
        ]


async def listed(link: RedisLink) -> list[bytes]:
    """The keys of listings, and the names of namespaces."""
    return sorted(await link.execute("KEYS", "mh:sessions*")) + sorted(await link.execute("SMEMBERS", "mh:namespaces"))


async def test_an_append_is_one_round_trip(counting_link: CountingLink) -> None:
    """An append is listed and written in one round trip; the first in a namespace takes one more."""
    append = Appending(counting_link).append
    for expected in (2, 1, 1):
        before = counting_link.round_trips
        await append.append(ID, TEAM, numbered(0, 2), None)
        assert counting_link.round_trips - before == expected


async def test_the_epoch_is_that_of_the_session(link: RedisLink, store: Store) -> None:
    """All appends to a session return the same epoch; an empty one to an unknown session returns ""."""
    append = Appending(link).append
    assert await append.append(ID, TEAM, [], None) == ""
    epoch = await append.append(ID, TEAM, numbered(0, 1), None)
    assert await append.append(ID, TEAM, [], "Known.", epoch=epoch) == epoch
    assert await append.append(ID, TEAM, [], None) == epoch
    state = await store.state(ID)
    assert state is not None
    assert (state.epoch, state.context) == (epoch, "Known.")


async def test_a_fold_is_scheduled_once_the_window_overflows(link: RedisLink) -> None:
    """Up to the window's size no fold is scheduled; beyond it every append schedules one."""
    appending = Appending(link)
    for count, folds in ((4, []), (1, [ID]), (1, [ID, ID])):
        await appending.append.append(ID, TEAM, numbered(0, count), None)
        assert appending.folds == folds


async def test_messages_are_indexed_and_a_context_is_not(link: RedisLink) -> None:
    """Indexing is scheduled for sessions that received messages."""
    appending = Appending(link)
    await appending.append.append(b"messages", TEAM, numbered(0, 1), None)
    await appending.append.append(b"context", TEAM, [], "Known.")
    assert appending.indexed == [b"messages"]


async def test_a_repetition_is_counted_once_and_listed_nowhere_else(link: RedisLink) -> None:
    """A repeated append under the same key is counted once, and not listed in another namespace."""
    appending = Appending(link)
    for namespace in (TEAM, mark("other")):
        await appending.append.append(ID, namespace, numbered(0, 2), None, key="k")
    assert appending.counted() == ["1", "2"]
    assert await listed(link) == [b"mh:sessions:team", b"team"]


@pytest.mark.parametrize(
    ("error", "session_id", "given"), [(Conflict, b"old", {"key": "k"}), (EpochGone, b"new", {"epoch": "0"})]
)
async def test_a_refused_append_leaves_no_trace(
    link: RedisLink, error: type[Exception], session_id: bytes, given: dict[str, Any]
) -> None:
    """An append refused for a conflict or a deleted session lists, counts and schedules nothing."""
    appending = Appending(link, appends_per_minute=9)
    await appending.append.append(b"old", TEAM, numbered(0, 1), None, key="k")
    before = await keys_left(link)
    with pytest.raises(error):
        await appending.append.append(session_id, mark("other"), numbered(1, 9), None, **given)
    assert sorted(await keys_left(link)) == sorted(before)
    assert await listed(link) == [b"mh:sessions:team", b"team"]
    assert (appending.counted(), appending.folds, appending.indexed) == (["1", "1"], [], [b"old"])


async def test_appends_per_minute_are_limited(link: RedisLink, store: Store) -> None:
    """An append beyond the limit is refused, with the seconds to wait; other sessions are not affected."""
    append = Appending(link, appends_per_minute=1).append
    await append.append(ID, TEAM, numbered(0, 1), None)
    with pytest.raises(TooManyRequests) as refused:
        await append.append(ID, TEAM, numbered(1, 1), None)
    assert 1 <= refused.value.seconds <= 60
    await append.append(b"other", TEAM, numbered(0, 1), None)
    state = await store.state(ID)
    assert state is not None
    assert state.last == 1


async def test_without_a_limit_nothing_is_counted_against_it(link: RedisLink) -> None:
    """Without a limit, no key is written to count appends."""
    await Appending(link).append.append(ID, TEAM, numbered(0, 1), None)
    assert await link.execute("EXISTS", SessionKeys(ID).rate) == 0


async def test_a_redis_that_fails_afterwards_does_not_undo_an_append(
    counting_link: CountingLink, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """When only the second listing of a new session fails, the append succeeds, and the failure is logged."""
    counting_link.left = 1
    with caplog.at_level(logging.WARNING):
        epoch = await Appending(counting_link).append.append(ID, TEAM, numbered(0, 1), None)
    state = await store.state(ID)
    assert state is not None
    assert state.epoch == epoch
    assert "may lag behind" in caplog.text
