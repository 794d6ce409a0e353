"""Retention: old messages and sessions are dropped, a bounded number at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from motorhead.config import FoldSettings
from motorhead.exceptions import NotFound
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.metrics import Metrics
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions
from motorhead.store.keys import ERASURE, SessionKeys, mark
from motorhead.store.leases import Leases
from motorhead.store.listing import Listing
from motorhead.store.scripts import TRIM
from motorhead.store.store import Store
from motorhead.tools.inspector import Inspector
from motorhead.upkeep import retention as module
from motorhead.upkeep.erasure import Erasure
from motorhead.upkeep.retention import Retention
from redis_link.link import RedisLink
from tests.motorhead.conftest import client_of
from tests.support.kit import ObedientSummarizer, numbered, wire
from tests.support.servers import running, start_memory_server

ID = b"s"
#: Seconds; below 0, so that the clock need not advance between an append and a check.
NONE_IS_YOUNG = -1.0


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def retention(link: RedisLink, metrics: Metrics, *, folded_messages: float = 0, idle_sessions: float = 0) -> Retention:
    return Retention(
        link, Store(link), Listing(link), Erasure(link, 600), metrics,
        folded_messages=folded_messages, idle_sessions=idle_sessions,
    )  # fmt: skip


async def folded_session(store: Store, link: RedisLink, count: int) -> None:
    await store.append(ID, numbered(0, count), None, b"-", ())
    await Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics()).fold(ID)


async def look(kept: Retention, store: Store) -> None:
    state = await store.state(ID)
    assert state is not None
    await kept.look(ID, state)


async def test_old_messages_that_were_folded_are_dropped(store: Store, link: RedisLink, metrics: Metrics) -> None:
    """Folded messages that are too old are dropped and counted; the summary and the window stay."""
    await folded_session(store, link, 20)
    await look(retention(link, metrics, folded_messages=NONE_IS_YOUNG), store)
    state = await store.state(ID)
    assert state is not None
    assert (state.kept_from, state.folded) == (15, 14)
    assert state.context is not None
    history = await store.history(ID, None, 50)
    assert (len(history.messages), history.before) == (6, None)
    assert "motorhead_retention_messages_total 14" in metrics.render().decode()
    assert await link.execute("EXISTS", ERASURE), "their text is to leave the disk, too"


async def test_young_messages_and_the_window_stay(store: Store, link: RedisLink, metrics: Metrics) -> None:
    """Neither recent messages nor unfolded ones, however old, are dropped."""
    await folded_session(store, link, 20)
    await look(retention(link, metrics, folded_messages=3600), store)
    assert len((await store.history(ID, None, 50)).messages) == 20
    assert not await link.execute("EXISTS", ERASURE)
    await store.append(b"t", numbered(0, 12), None, b"-", ())
    state = await store.state(b"t")
    assert state is not None
    await retention(link, metrics, folded_messages=NONE_IS_YOUNG).look(b"t", state)
    assert len((await store.history(b"t", None, 50)).messages) == 12


async def test_a_pass_is_bounded(store: Store, link: RedisLink, metrics: Metrics) -> None:
    """One pass drops at most 500 messages; the next continues."""
    await folded_session(store, link, 700)
    kept = retention(link, metrics, folded_messages=NONE_IS_YOUNG)
    await look(kept, store)
    assert await link.execute("XLEN", SessionKeys(ID).messages) == 200
    await look(kept, store)
    assert await link.execute("XLEN", SessionKeys(ID).messages) == 6


async def test_versions_go_with_the_messages_that_they_tell_of(
    store: Store, link: RedisLink, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Versions that can no longer be restored are dropped, and the others can be restored; fsck finds no damage."""
    monkeypatch.setattr(module, "VERSIONS_A_PAGE", 2)
    folder = Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics())
    for count in range(5):
        await store.append(ID, numbered(8 * count, 8 if count else 14), "edited" if count == 1 else None, b"-", ())
        await folder.fold(ID)
    await look(retention(link, metrics, folded_messages=NONE_IS_YOUNG), store)
    versions = await Versions(link, None).page(ID, None, 50)
    assert [(version.version, version.through) for version in versions] == [(6, "40")]
    assert "motorhead_retention_versions_total 5" in metrics.render().decode()
    assert await Inspector(link, SessionKeys(ID), mend=False).look() == []
    restore = Restore(link, store, Versions(link, None), DueFolds(FoldSettings(), lambda session_id: None))
    await restore.restore(ID, 6)
    with pytest.raises(NotFound):
        await restore.restore(ID, 5)


async def test_a_version_that_can_be_restored_stays(store: Store, link: RedisLink, metrics: Metrics) -> None:
    """Versions stay as long as every message behind them does, the one that ends at the last dropped message included.

    A pass that was killed between messages and versions is completed by the next one.
    """
    folder = Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics())
    for count in range(3):
        await store.append(ID, numbered(8 * count, 8 if count else 14), None, b"-", ())
        await folder.fold(ID)
    state = await store.state(ID)
    assert state is not None
    keys = SessionKeys(ID)
    for kept_from, left in ((9, ["24", "16", "8"]), (10, ["24", "16"])):
        await link.run(TRIM, [keys.state, keys.messages, keys.vectors, keys.withdrawn], [state.epoch, kept_from, 1])
        await look(retention(link, metrics, folded_messages=3600), store)
        assert [version.through for version in await Versions(link, None).page(ID, None, 50)] == left
    assert await link.execute("EXISTS", ERASURE), "their text is to leave the disk, too"


async def test_idle_sessions_go_from_store_and_listing(store: Store, link: RedisLink, metrics: Metrics) -> None:
    """A session not written to for too long is deleted with all its keys; an active one stays."""
    listing = Listing(link)
    for name in (b"idle", b"busy"):
        await store.append(name, numbered(0, 2), None, mark("n"), listing.add(name, mark("n")))
    await link.execute("HSET", SessionKeys(b"idle").state, "updated", 1000)
    await link.execute("ZADD", "mh:sessions:n", 1000, b"idle")
    await link.execute("ZADD", "mh:sessions:n", 1000, b"busy")
    await retention(link, metrics, idle_sessions=60).drop_idle_sessions()
    assert await listing.page(mark("n"), 1, 10, False) == [b"busy"]
    assert await link.execute("KEYS", "*{idle}*") == []
    assert "motorhead_retention_sessions_total 1" in metrics.render().decode()


async def test_what_is_kept_or_gone_does_not_hide_an_idle_session(
    store: Store, link: RedisLink, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ghosts are removed and sessions active in another namespace are skipped, a bounded number per pass."""
    monkeypatch.setattr(module, "SESSIONS_A_PASS", 3)
    for name in (b"busy0", b"busy1", b"busy2", b"busy3", b"idle"):
        await store.append(name, numbered(0, 1), None, b"-", Listing(link).add(name, b"-"))
        await link.execute("ZADD", "mh:sessions", 2000, name)
    await link.execute("ZADD", "mh:sessions", 1000, b"ghost0", 1000, b"ghost1", 1000, b"ghost2")
    await link.execute("HSET", SessionKeys(b"idle").state, "updated", 1000)
    kept = retention(link, metrics, idle_sessions=60)
    await kept.drop_idle_sessions()
    assert await link.execute("ZCARD", "mh:sessions") == 5
    await kept.drop_idle_sessions()
    assert await store.state(b"idle") is not None
    await kept.drop_idle_sessions()
    assert await store.state(b"idle") is None
    await link.execute("HSET", SessionKeys(b"busy0").state, "updated", 1000)
    await kept.drop_idle_sessions()
    assert await link.execute("ZRANGE", "mh:sessions", 0, -1) == [b"busy1", b"busy2", b"busy3"]


async def test_what_was_dropped_is_said_in_the_session(redis_url: str, tmp_path: Path, link: RedisLink) -> None:
    """The window shows how many of the oldest messages were dropped."""
    with running(start_memory_server(redis_url, tmp_path / "log")) as server:
        async with client_of(server) as client:
            await client.post("/sessions/s/memory", json=wire("a", "b"))
            await link.execute("HSET", SessionKeys(ID).state, "kept_from", 3, "folded", 2)
            assert (await client.get("/sessions/s/memory")).json()["window"]["dropped"] == 2
