"""Taking over an existing Motörhead: everything of it, what it had dropped too, and nothing twice."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from motorhead.importing import Import, Report
from motorhead.keys import SessionKeys, mark
from motorhead.listing import Listing
from motorhead.messages import NewMessage
from motorhead.redis_link import RedisLink
from motorhead.store import Store
from motorhead.versions import Versions
from tests.servers import PATIENCE, REPOSITORY, Server, clean_environment

LEFT = Path(__file__).parent / "recorded" / "redis-data.jsonl"


@pytest.fixture
def old(redis_url: str) -> Iterator[redis.Redis]:
    """What a real Motörhead left in its Redis. It lies in the same server as ours: their keys do not touch."""
    with redis.Redis.from_url(redis_url) as client:
        for line in LEFT.read_text().splitlines():
            row = json.loads(line)
            put(client, row["key"], row["type"], row["value"])
        yield client


def put(client: redis.Redis, key: str, kind: str, value: Any) -> None:
    if kind == "string":
        client.set(key, value)
    elif kind == "list":
        client.rpush(key, *value)
    elif kind == "zset":
        client.zadd(key, dict(value))
    else:
        fields = {
            name: base64.b64decode(field["base64"]) if isinstance(field, dict) else field
            for name, field in value.items()
        }
        client.hset(key, mapping=fields)


async def run(link: RedisLink) -> Report:
    return await Import(link, link).run(lambda done, of: None)


async def texts(store: Store, name: str) -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in await store.messages(name.encode(), 1, 1000, 1000)]


async def test_every_session_is_taken_over_as_it_was(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """Messages, summary, tokens, namespaces and the order of the listing are those of the original."""
    report = await run(link)
    assert (report.sessions, report.skipped) == (5, [])
    assert await texts(store, "seeded") == [("user", "hello"), ("assistant", "hi: there\nsecond line")]
    assert await texts(store, "short") == [("Human", "hi im bob"), ("AI", " Hi Bob, nice to meet you!")]
    assert (await texts(store, "3f2b6c1e-9d7a-4b53-8c21-0a5d6e7f8091"))[1] == ("AI", "")
    state = await store.state(b"seeded")
    assert state is not None
    assert state.context == "The human likes loud music."
    folded = await store.state(b"folded-once")
    assert folded is not None
    assert folded.tokens == 321
    listing = Listing(link)
    assert await listing.page(mark(None), 1, 10, False) == [b"seeded", b"short", b"none"]
    assert await listing.page(mark("tour"), 1, 10, False) == [b"3f2b6c1e-9d7a-4b53-8c21-0a5d6e7f8091", b"folded-once"]
    assert await listing.namespaces() == ["tour"]


async def test_what_the_original_dropped_comes_back(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """The first message, which is in neither its list nor its summary, is back and will be told by the next fold."""
    report = await run(link)
    found = await texts(store, "folded-once")
    assert ("Human", "question 1: where is amplifier 1?") in found
    assert len(found) == len(set(found)) == 16
    kept = [_text(line).split(": ", 1)[1] for line in old.lrange("session:folded-once", 0, -1)[::-1]]
    assert [content for _, content in found[-len(kept) :]] == kept
    assert report.recovered == 16 - len(kept)
    state = await store.state(b"folded-once")
    assert state is not None
    assert state.folded == 0


async def test_what_was_deleted_stays_deleted(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """A ghost in a listing, and what lies of its messages beside the vectors, is not taken over."""
    report = await run(link)
    assert await store.state(b"gone") is None
    assert (report.ghosts, report.left_behind) == (1, 2)


async def test_a_summary_of_none_is_none(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """The original's NONE is taken over as no summary."""
    report = await run(link)
    state = await store.state(b"none")
    assert state is not None
    assert (state.context, report.no_summary) == (None, 1)


async def test_a_summary_is_a_version_that_was_imported(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """The imported summary is the first version, and says where it comes from."""
    await run(link)
    [version] = await Versions(link, store, None).page(b"seeded", None, 10)
    assert (version.version, version.source) == (1, "import")


async def test_an_import_that_was_broken_off_is_completed(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """Run again, also after it broke off in the middle, it adds what is missing and nothing twice."""

    class BrokenOffError(Exception):
        pass

    def stop_at_two(done: int, of: int) -> None:
        if done == 2:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        await Import(link, link).run(stop_at_two)
    report = await run(link)
    assert (report.sessions, report.again) == (3, 2)
    assert len(await texts(store, "folded-once")) == 16
    again = await run(link)
    assert (again.sessions, again.again, again.messages) == (0, 5, 0)
    assert len(await texts(store, "folded-once")) == 16


async def test_a_session_that_is_here_already_is_left_alone(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """Neither a session of the same id nor one that went on after an import is written to."""
    await store.append(b"short", [NewMessage("Human", "mine")], None, mark(None), ())
    report = await run(link)
    assert len(report.skipped) == 1
    assert await texts(store, "short") == [("Human", "mine")]
    old.lpush("session:seeded", "user: more")
    assert "changed" in (await run(link)).skipped[0]


async def test_long_sessions_are_taken_over_in_batches(redis_url: str, link: RedisLink, store: Store) -> None:
    """More messages than one batch keep their order."""
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("session:long", *(f"Human: m{n}" for n in reversed(range(1200))))
    await run(link)
    found = await store.messages(b"long", 1, 2000, 2000)
    assert [message.content for message in found] == [f"m{n}" for n in range(1200)]
    assert await link.execute("EXISTS", SessionKeys(b"long").state) == 1


def test_the_command_reports_in_words(old: redis.Redis, valkey: Server) -> None:
    """``python -m motorhead import`` shows its progress and ends with a report."""
    done = subprocess.run(
        [sys.executable, "-m", "motorhead", "import", valkey.url], cwd=REPOSITORY, text=True, check=True,
        env=clean_environment({"REDIS_URL": valkey.url}), capture_output=True, timeout=20 * PATIENCE,
    )  # fmt: skip
    assert "5 sessions with 24 messages were taken over." in done.stdout
    assert "5/5 sessions" in done.stderr


def _text(line: object) -> str:
    return line.decode() if isinstance(line, bytes) else str(line)
