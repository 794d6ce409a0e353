"""Importing an existing Motörhead: all of its messages, even those it had dropped, and none twice."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from motorhead.messages import NewMessage
from motorhead.sessions.versions import Versions
from motorhead.store.connect import link_to
from motorhead.store.keys import SessionKeys, mark
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.tools.importer import BOTH_GREW, HERE_ALREADY, RESUMMARISED, REWRITTEN, Import, Report
from motorhead.tools.original import Original
from motorhead.tools.staging import Takeover
from redis_link.address import parse_address
from redis_link.link import RedisLink
from tests.support.servers import PATIENCE, REPOSITORY, Server, clean_environment

LEFT = REPOSITORY / "tests" / "support" / "recorded" / "redis-data.jsonl"


@pytest.fixture
def old(redis_url: str) -> Iterator[redis.Redis]:
    """The contents of a real Motörhead's Redis, in the same server as ours: their keys do not collide."""
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
    return await Import(Original(link), Takeover(link)).run(lambda done, of: None)


async def texts(store: Store, name: str) -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in await store.messages(name.encode(), 1, 1000, 1000)]


async def test_an_invalid_time_does_not_end_the_import(link: RedisLink, store: Store) -> None:
    """An invalid time in a listing is reported, and its session is imported as the oldest."""
    await link.execute("RPUSH", "session:a", "AI: hello")
    await link.execute("ZADD", "sessions:odd", "inf", "a")
    report = await run(link)
    assert report.sessions == 1
    assert [line for line in report.skipped if "sessions:odd" in line and "not a valid time" in line]
    assert await Listing(link).page(mark("odd"), 1, 10, newest_first=False) == [b"a"]


@pytest.mark.parametrize("name", [b"", b"x" * 1025, b"\xff"], ids=["empty", "long", "not UTF-8"])
async def test_a_session_with_an_unusable_id_is_reported(name: bytes, link: RedisLink) -> None:
    """Such a session is reported, not imported and not listed here."""
    await link.execute("RPUSH", b"session:" + name, "AI: hello")
    report = await run(link)
    assert report.sessions == 0
    assert [line for line in report.skipped if "no request can name" in line]
    assert await link.execute("KEYS", "mh:*") == []


async def test_every_session_is_taken_over_as_it_was(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """Messages, summary, tokens, namespaces and the order of the listing are the original's."""
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
    """The first message, which is in neither list nor summary, is imported for the next fold to summarise."""
    report = await run(link)
    found = await texts(store, "folded-once")
    assert ("Human", "question 1: where is amplifier 1?") in found
    assert len(found) == len(set(found)) == 16
    kept = [_text(line).split(": ", 1)[1] for line in old.lrange("session:folded-once", 0, -1)[::-1]]
    assert [content for _, content in found[-len(kept) :]] == kept
    assert (report.dropped, report.unlisted) == (0, 16 - len(kept))
    state = await store.state(b"folded-once")
    assert state is not None
    assert state.folded == 0


async def test_what_was_deleted_stays_deleted(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """A ghost in a listing is not imported, and neither are its messages with vectors."""
    report = await run(link)
    assert await store.state(b"gone") is None
    assert (report.ghosts, report.left_behind) == (1, 2)


async def test_a_summary_of_none_is_none(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """The original's NONE is not imported as a summary."""
    report = await run(link)
    state = await store.state(b"none")
    assert state is not None
    assert (state.context, report.no_summary) == (None, 1)


async def test_a_summary_is_a_version_that_was_imported(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """The imported summary is the first version, with the source "import"."""
    await run(link)
    [version] = await Versions(link, None).page(b"seeded", None, 10)
    assert (version.version, version.source) == (1, "import")


async def test_an_import_that_was_broken_off_is_completed(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """An import that is run again, even after an interruption, adds what is missing and nothing twice."""

    class BrokenOffError(Exception):
        pass

    def stop_at_two(done: int, of: int) -> None:
        if done == 2:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        await Import(Original(link), Takeover(link)).run(stop_at_two)
    report = await run(link)
    assert (report.sessions, report.again) == (3, 2)
    assert len(await texts(store, "folded-once")) == 16
    again = await run(link)
    assert (again.sessions, again.again, again.messages) == (0, 5, 0)
    assert len(await texts(store, "folded-once")) == 16


async def test_without_a_summary_what_is_in_no_list_was_dropped(
    old: redis.Redis, link: RedisLink, store: Store
) -> None:
    """Recovered messages count as dropped only if no summary can cover them."""
    old.delete("context:folded-once")
    report = await run(link)
    assert (report.dropped, report.unlisted) == (16 - old.llen("session:folded-once"), 0)


async def test_a_session_that_is_here_already_is_left_alone(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """A session that was started here under the same id is not written to."""
    await store.append(b"short", [NewMessage("Human", "mine")], None, mark(None), ())
    report = await run(link)
    assert report.skipped == [f"Session 'short': {HERE_ALREADY}."]
    assert await texts(store, "short") == [("Human", "mine")]


async def test_what_was_deleted_here_comes_back_only_if_that_is_asked_for(
    old: redis.Redis, link: RedisLink, store: Store
) -> None:
    """A later run does not bring back an imported session that was deleted here, unless ``again`` is set."""
    await run(link)
    await store.delete(b"short")
    report = await run(link)
    assert (report.sessions, report.again, report.deleted, report.skipped) == (0, 4, 1, [])
    assert await store.state(b"short") is None
    report = await Import(Original(link), Takeover(link), again=True).run(lambda done, of: None)
    assert (report.sessions, report.messages, report.again, report.deleted) == (1, 2, 4, 0)
    assert len(await texts(store, "short")) == 2


async def test_new_messages_of_the_original_are_taken_over_where_their_place_is_clear(
    old: redis.Redis, link: RedisLink, store: Store
) -> None:
    """The original's new messages are added once after the imported ones, unless the session has continued here."""
    await run(link)
    old.lpush("session:seeded", "user: more", "assistant: and more")
    old.lpush("session:short", "Human: there")
    await store.append(b"short", [NewMessage("Human", "here")], None, mark(None), ())
    for _ in range(2):
        report = await run(link)
        assert report.skipped == [f"Session 'short': {BOTH_GREW % 1}."]
    assert (report.sessions, report.continued, report.again) == (0, 0, 4)
    assert (await texts(store, "seeded"))[2:] == [("user", "more"), ("assistant", "and more")]
    assert (await texts(store, "short"))[2:] == [("Human", "here")]
    assert [message.id for message in await store.messages(b"seeded", 1, 9, 9)] == ["1", "2", "3", "4"]


async def test_a_continuation_is_counted_as_such(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """A continued session is not counted as new; the report counts the added messages and their sessions."""
    await run(link)
    old.lpush("session:seeded", "user: more")
    report = await run(link)
    assert (report.sessions, report.messages, report.continued, report.continuations) == (0, 0, 1, 1)
    assert "1 messages were added to 1 sessions imported before." in report.lines()


async def test_messages_after_a_fold_are_taken_over_too(redis_url: str, link: RedisLink, store: Store) -> None:
    """After a fold there, lines after the imported ones are still found and added; the summary here stays."""
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("session:s", *(f"Human: m{n}" for n in reversed(range(12))))
        await run(link)
        client.ltrim("session:s", 0, 5)
        client.set("context:s", "A summary of the first six.")
        assert (await run(link)).again == 1
        client.lpush("session:s", "Human: m12", "Human: m13")
        report = await run(link)
    assert (report.continued, report.continuations, report.other_summaries, report.skipped) == (1, 2, 1, [])
    assert await texts(store, "s") == [("Human", f"m{n}") for n in range(14)]


async def test_a_different_summary_is_reported(old: redis.Redis, link: RedisLink, store: Store) -> None:
    """A summary that was edited there is not imported; the report names the session."""
    await run(link)
    old.set("context:seeded", "Another.")
    assert (await run(link)).skipped == [f"Session 'seeded': {RESUMMARISED}."]
    state = await store.state(b"seeded")
    assert state is not None
    assert state.context == "The human likes loud music."


@pytest.mark.parametrize(
    "change",
    [
        lambda old: old.ltrim("session:seeded", 0, 0),
        lambda old: old.lset("session:seeded", -1, "user: other"),
    ],
)
async def test_a_session_with_unrecognisable_lines_is_left_alone(
    old: redis.Redis, link: RedisLink, store: Store, change: Callable[[redis.Redis], object]
) -> None:
    """A session whose imported lines are not found again is reported and not touched."""
    await run(link)
    before = await texts(store, "seeded")
    change(old)
    assert (await run(link)).skipped == [f"Session 'seeded': {REWRITTEN}."]
    assert await texts(store, "seeded") == before


async def test_long_sessions_are_taken_over_in_batches(redis_url: str, link: RedisLink, store: Store) -> None:
    """Messages keep their order across batches."""
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("session:long", *(f"Human: m{n}" for n in reversed(range(1200))))
    await run(link)
    found = await store.messages(b"long", 1, 2000, 2000)
    assert [message.content for message in found] == [f"m{n}" for n in range(1200)]
    assert await link.execute("EXISTS", SessionKeys(b"long").state) == 1


#: An import that stops after 2,000 messages, so that it is certain to be killed in the middle.
HALFWAY = """
import itertools, runpy, signal
from motorhead.tools import staging
count, opened = itertools.count(), staging.open_message
staging.open_message = lambda message: opened(message) if next(count) < 2_000 else signal.pause()
runpy.run_module("motorhead", run_name="__main__")
"""


def test_an_import_that_is_killed_is_run_again(valkey: Server, redis_url: str) -> None:
    """An import killed (-9) in a long session leaves nothing of that session; run again, it imports the rest."""
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        for name, count in (("a", 3), ("long", 40_000), ("mine", 40), ("z", 2)):
            client.rpush(f"session:{name}", *(f"Human: m{n}" for n in reversed(range(count))))
        killed = start_import(redis_url, program=HALFWAY)
        try:
            wait_until(lambda: client.xlen("mh:{long}:arriving") > 1000)
        finally:
            killed.kill()
        assert killed.wait() == -signal.SIGKILL
        assert not client.exists("mh:{long}:state", "mh:{long}:messages")
        asyncio.run(write(redis_url, b"mine", "written here meanwhile"))
        again = start_import(redis_url)
        report = again.communicate(timeout=60 * PATIENCE)[0]
        assert "2 sessions with 40002 messages were imported." in report
        assert "1 sessions had been imported before." in report
        assert f"Session 'mine': {HERE_ALREADY}." in report
        assert again.returncode == 1
        stored = [json.loads(fields["m"]) for _, fields in client.xrange("mh:{long}:messages")]
        assert [message["content"] for message in stored] == [f"m{n}" for n in range(40_000)]
        assert [message["id"] for message in stored] == [str(n) for n in range(1, 40_001)]
        assert client.xlen("mh:{mine}:messages") == 1
        assert client.keys("*arriving") == []
        assert client.ttl("mh:{long}:messages") == -1


async def write(redis_url: str, name: bytes, text: str) -> None:
    link = link_to(parse_address(redis_url))
    await link.open()
    await Store(link).append(name, [NewMessage("Human", text)], None, mark(None), ())
    await link.close()


def start_import(redis_url: str, program: str | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *(["-c", program] if program else ["-m", "motorhead"]), "import", redis_url],
        cwd=REPOSITORY, text=True,
        env=clean_environment({"REDIS_URL": redis_url}), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20 * PATIENCE
    while not condition():
        assert time.monotonic() < deadline


def test_the_command_reports_in_words(old: redis.Redis, valkey: Server) -> None:
    """``python -m motorhead import`` shows its progress and prints a report."""
    done = subprocess.run(
        [sys.executable, "-m", "motorhead", "import", valkey.url], cwd=REPOSITORY, text=True, check=True,
        env=clean_environment({"REDIS_URL": valkey.url}), capture_output=True, timeout=20 * PATIENCE,
    )  # fmt: skip
    assert "5 sessions with 24 messages were imported." in done.stdout
    assert "5/5 sessions" in done.stderr


def test_the_exit_status_says_whether_anything_was_left_out(old: redis.Redis, valkey: Server) -> None:
    """A key that is not the original's is reported, the rest is imported, and the status is 1."""
    old.set("session:webapp", "foreign")
    left_out = start_import(valkey.url)
    report = left_out.communicate(timeout=20 * PATIENCE)[0]
    assert left_out.returncode == 1
    assert "Key 'session:webapp': it is a string, not a list; it was left out." in report
    assert "5 sessions with 24 messages were imported." in report


def _text(line: object) -> str:
    return line.decode() if isinstance(line, bytes) else str(line)
