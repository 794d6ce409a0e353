"""Checking the store: damage is found and mended if possible, and sound content is left alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from motorhead.messages import weigh
from motorhead.sessions.versions import Versions
from motorhead.store.keys import NAMESPACES, SessionKeys, mark
from motorhead.store.listing import Listing
from motorhead.store.store import Fold, Store
from motorhead.tools.diagnosis import Facts
from motorhead.tools.fsck import Findings, Fsck
from motorhead.tools.inspector import Inspector
from redis_link.link import RedisLink
from tests.support.kit import numbered
from tests.support.servers import PATIENCE, REPOSITORY, Server, clean_environment

ID = b"s"
KEYS = SessionKeys(ID)

#: Vectors of four bytes for the first two messages.
VECTORS = [
    ("HSET", KEYS.state, "indexed", 2, "vector_model", "old", "vector_size", 4),
    ("HSET", KEYS.vectors, "0/4/old", "rowsrows"),
]
#: A summary of the first four messages, as a fold leaves it.
FOLDED: list[tuple[str | bytes | int, ...]] = [
    (
        *("XADD", KEYS.versions, "2-0", "v"),
        '{"context":"told","source":"fold","folded":{"from":"1","to":"4","count":4},"tokens":1,'
        '"through":"4","weight":16,"version":2,"created_at":1}',
    ),
    ("HSET", KEYS.state, "context", "told", "folded", 4, "folded_weight", 16, "versions", 2),
]
DIFFERS = "its summary and watermark are not those of the newest version"
#: A damage, the commands that cause it, and whether it can be mended.
DAMAGES = [
    ("the newest messages are not counted", [("HSET", KEYS.state, "last", 3)], True),
    ("the watermark is above the newest message", [("HSET", KEYS.state, "folded", 99)], True),
    (
        "the oldest messages, which are folded, are missing",
        [*FOLDED, ("XDEL", KEYS.messages, "1-0", "2-0")],
        True,
    ),
    ("2 messages are missing", [("XDEL", KEYS.messages, "3-0", "4-0")], False),
    ("the summary is NONE", [("HSET", KEYS.state, "context", "None")], True),
    ("the vectors do not fit the messages", [("HSET", KEYS.state, "indexed", 4)], True),
    ("its vectors are not all of one model", [*VECTORS, ("HSET", KEYS.vectors, "0/4/new", "rows")], True),
    ("its vectors are not all of one model", [*VECTORS, ("HSET", KEYS.vectors, "0", "rows")], True),
    ("its vectors are not all of one model", [*VECTORS, ("HSET", KEYS.vectors, "0/4/old", "broken")], True),
    ("its vectors are not all of one model", [*VECTORS, ("HDEL", KEYS.state, "vector_size")], True),
    ("or some are missing", [*VECTORS, ("HSET", KEYS.vectors, "0/4/old", "rows")], True),
    ("or some are missing", [*VECTORS, ("HSET", KEYS.state, "indexed", 3)], True),
    ("its vector_size is not a number", [*VECTORS, ("HSET", KEYS.state, "vector_size", "x")], True),
    ("it has vectors, but no indexed message", [("HSET", KEYS.vectors, "0", "x")], True),
    ("it is not listed", [("ZREM", "mh:sessions:n", ID), ("SREM", NAMESPACES, "n")], True),
    ("keys without a session", [("HSET", SessionKeys(b"orphan").vectors, "0", "x")], True),
    ("its last is not a number", [("HSET", KEYS.state, "last", "abc")], True),
    ("its folded is not a number", [("HSET", KEYS.state, "folded", "-1")], True),
    ("its kept_from is not a number", [("HSET", KEYS.state, "kept_from", "1.5")], True),
    ("its weight is not a number", [("HSET", KEYS.state, "weight", "")], True),
    ("its weight is not that of its messages", [("HSET", KEYS.state, "weight", 23)], True),
    ("its weight is not that of its messages", [*FOLDED, ("HSET", KEYS.state, "weight", 16)], True),
    ("its folded_weight is not a number", [("HSET", KEYS.state, "folded_weight", "x")], True),
    ("its versions is not a number", [("HSET", KEYS.state, "versions", "x")], True),
    ("its context_version is not a number", [("HSET", KEYS.state, "context_version", "x")], True),
    ("its created is not a number", [("HSET", KEYS.state, "created", "x")], True),
    ("its indexed is not a number", [("HSET", KEYS.state, "indexed", "x"), ("HSET", KEYS.vectors, "0", "xx")], True),
    (DIFFERS, [("HDEL", KEYS.state, "context")], True),
    (DIFFERS, [*FOLDED, ("HSET", KEYS.state, "folded", 5)], True),
    (DIFFERS, [*FOLDED, ("HSET", KEYS.state, "folded", 2)], True),
    (DIFFERS, [*FOLDED, ("HDEL", KEYS.state, "folded")], True),
    (DIFFERS, [*FOLDED, ("HSET", KEYS.state, "context", "another")], True),
    (
        "no summary covers the messages below its watermark",
        [*FOLDED, ("UNLINK", KEYS.versions), ("HDEL", KEYS.state, "context")],
        True,
    ),
    ("its context is not UTF-8", [("HSET", KEYS.state, "versions", 2, "context", b"\xff and more")], True),
    ("its epoch is not UTF-8", [("HSET", KEYS.state, "epoch", b"\xff")], True),
    ("the newest versions of its summary are not counted", [("HDEL", KEYS.state, "versions")], True),
    ("its state is lost", [("UNLINK", KEYS.state)], True),
    ("its state is a list, not a hash", [("UNLINK", KEYS.state), ("RPUSH", KEYS.state, "x")], True),
    ("its versions is a string, not a stream", [("SET", KEYS.versions, "x")], True),
    ("its vectors is a string, not a hash", [("SET", KEYS.vectors, "x")], True),
    ("its lease is a list, not a string", [("RPUSH", KEYS.lease, "x")], True),
    ("its idempotency is a string, not a hash", [("SET", KEYS.idempotency, "x")], True),
    ("its damaged is a string, not a hash", [("SET", KEYS.damaged, "x")], True),
    ("its stream does not accept a message at the next number", [("XSETID", KEYS.messages, "99-0")], True),
    ("it is listed, but does not exist", [("ZADD", "mh:sessions:n", 1000, "ghost")], True),
    ("it lists no session", [("SADD", NAMESPACES, "empty")], True),
]


@pytest.fixture
async def sound(store: Store, link: RedisLink) -> None:
    """A session of six messages in namespace n."""
    await store.append(ID, numbered(0, 6), "c", mark("n"), Listing(link).add(ID, mark("n")))


async def examined(link: RedisLink, *, mend: bool) -> Findings:
    return await Fsck(link, Listing(link), mend=mend).run()


async def test_a_sound_store_has_no_findings(sound: None, link: RedisLink) -> None:
    """A sound store has no findings and is not changed."""
    found = await examined(link, mend=True)
    assert (found.sentences, found.sessions, found.left) == ([], 1, 0)


async def test_vectors_of_one_kind_are_sound(sound: None, link: RedisLink) -> None:
    """Vectors of the session's model and length are not a finding."""
    await link.pipeline(*VECTORS)
    assert (await examined(link, mend=True)).sentences == []


async def test_keys_that_expire_are_not_a_finding(sound: None, link: RedisLink) -> None:
    """Leases and allowances of a running server are not damage."""
    for key in (SessionKeys(b"gone").lease, SessionKeys(b"gone").rate):
        await link.execute("SET", key, "x", "PX", 60_000)
    assert (await Fsck(link, Listing(link), mend=False).run()).sentences == []


@pytest.mark.parametrize(
    ("what", "commands", "mendable"), DAMAGES, ids=lambda value: value if isinstance(value, str) else ""
)
async def test_damage_is_found_and_mended_if_it_can_be(
    sound: None, link: RedisLink, store: Store, what: str, commands: list[tuple[str | bytes | int, ...]], mendable: bool
) -> None:
    """Without --mend damage is only reported; with it, everything but lost messages is mended."""
    await link.pipeline(*commands)
    for _ in range(2):
        found = await examined(link, mend=False)
        assert [what in sentence for sentence in found.sentences] == [True]
        assert found.left == 1
    mended = await examined(link, mend=True)
    assert mended.left == (0 if mendable else 1)
    if mendable:
        await store.append(ID, numbered(6, 1), "newer", mark("n"), (), key="k")
    assert (await examined(link, mend=False)).left == (0 if mendable else 1)


@pytest.mark.parametrize(
    "damage", [("HSET", "context", "NONE"), ("HSET", "context", b"\xff"), ("HDEL", "context"), ("HDEL", "folded"),
               ("HSET", "folded", 6), ("HSET", "folded", 0), ("HSET", "folded", "x"), ("HSET", "folded", 99)],
)  # fmt: skip
async def test_every_message_is_shown_once_again(
    sound: None, link: RedisLink, store: Store, damage: tuple[str | bytes | int, ...]
) -> None:
    """A lost or changed summary or watermark is restored from the newest version, so that no message is hidden."""
    await link.pipeline(*FOLDED, (damage[0], KEYS.state, *damage[1:]))
    assert (await examined(link, mend=True)).left == 0
    assert (await examined(link, mend=False)).sentences == []
    found = await store.window(ID, 99)
    assert found is not None
    assert (found[0].context, found[0].folded, len(found[1])) == ("told", 4, 2)
    assert (await link.execute("HGET", KEYS.damaged, "state.context")) == (b"\xff" if b"\xff" in damage else None)


async def test_a_summary_that_says_none_that_a_client_set_gives_way_to_the_previous_one(
    sound: None, link: RedisLink, store: Store
) -> None:
    """The last version with a summary is restored; without one, all messages are folded again."""
    await link.pipeline(*FOLDED)
    await store.append(ID, [], "NONE", mark("n"), ())
    assert (await examined(link, mend=True)).left == 0
    state = await store.state(ID)
    assert state is not None
    assert (state.context, state.folded) == ("told", 4)
    assert (await examined(link, mend=False)).sentences == []
    await link.pipeline(("UNLINK", KEYS.versions), ("HSET", KEYS.state, "context", "NONE"))
    assert (await examined(link, mend=True)).left == 0
    state = await store.state(ID)
    assert state is not None
    assert (state.context, state.folded, state.unfolded) == (None, 0, 6)


async def test_a_summary_whose_version_is_lost_is_kept(sound: None, link: RedisLink, store: Store) -> None:
    """Such a summary is newer than every remaining version, so it is kept."""
    await link.pipeline(*FOLDED, ("XDEL", KEYS.versions, "2-0"))
    assert (await examined(link, mend=True)).sentences == []
    state = await store.state(ID)
    assert state is not None
    assert (state.context, state.folded) == ("told", 4)


async def test_a_chunk_of_vectors_that_is_missing_is_found(sound: None, link: RedisLink, store: Store) -> None:
    """A missing chunk is found even in the middle; mending has all vectors made again."""
    await store.append(ID, numbered(6, 54), None, mark("n"), ())
    chunks = {f"{number}/4/old": "rows" * (12 if number == 3 else 16) for number in range(4)}
    fields = [part for chunk in chunks.items() for part in chunk]
    await link.execute("HSET", KEYS.state, "indexed", 60, "vector_model", "old", "vector_size", 4)
    await link.execute("HSET", KEYS.vectors, *fields)
    assert (await examined(link, mend=True)).sentences == []
    await link.execute("HDEL", KEYS.vectors, "1/4/old")
    assert (await examined(link, mend=True)).left == 0
    assert await link.execute("EXISTS", KEYS.vectors) == 0
    assert await link.execute("HGET", KEYS.state, "indexed") is None


@pytest.mark.parametrize("damage", [("HSET", "weight", "x"), ("HSET", "weight", 0), ("HSET", "folded", 0), ("DEL",)])
async def test_the_weight_is_that_of_the_messages_again(
    sound: None, link: RedisLink, store: Store, damage: tuple[str | int, ...]
) -> None:
    """Whatever is restored, a window of too many tokens is then noticed; withdrawn messages weigh nothing."""
    await link.pipeline(*FOLDED)
    await store.append(ID, numbered(6, 3), None, mark("n"), ())
    await store.append(ID, numbered(9, 1), None, mark("n"), (), replace_after=8)
    await link.execute(damage[0], KEYS.state, *damage[1:])
    assert (await examined(link, mend=True)).left == 0
    assert (await examined(link, mend=False)).sentences == []
    state = await store.state(ID)
    assert state is not None
    window = await store.messages(ID, state.folded + 1, state.last, 99)
    assert [message.id for message in window] == ["5", "6", "7", "8", "10"]
    assert state.weight - state.folded_weight == sum(weigh(message.content) for message in window)


async def test_a_session_that_is_written_to_meanwhile_has_no_wrong_weight(
    sound: None, link: RedisLink, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages that come in during a check are not weighed against the count."""
    facts = Inspector._facts

    async def append_first(inspector: Inspector, *arguments: int) -> Facts:
        await store.append(ID, numbered(6, 2), None, mark("n"), (), replace_after=3)
        return await facts(inspector, *arguments)

    monkeypatch.setattr(Inspector, "_facts", append_first)
    assert (await examined(link, mend=False)).sentences == []


async def test_a_damaged_message_is_set_aside(sound: None, link: RedisLink, store: Store) -> None:
    """An unreadable message is set aside with its bytes; the session keeps the others and accepts more."""
    bad = await damage_messages(link)
    found = await examined(link, mend=False)
    assert [sentence.split(": ")[1] for sentence in found.sentences[:3]] == [
        f"entry {number} of its messages cannot be read (not mended)" for number in ("3-0", "5-0", "1000-7")
    ]
    assert (await examined(link, mend=True)).left == 0
    assert (await examined(link, mend=True)).sentences == []
    for entry, raw in bad.items():
        assert await link.execute("HGET", KEYS.damaged, f"messages/{entry}/m") == raw
    await store.append(ID, numbered(6, 1), None, mark("n"), ())
    assert [message.id for message in await store.messages(ID, 1, 99, 99)] == ["1", "2", "4", "6", "7"]
    assert (await examined(link, mend=False)).sentences == []
    await store.delete(ID)
    assert await link.execute("EXISTS", *KEYS.all) == 0


async def damage_messages(link: RedisLink) -> dict[str, bytes]:
    """Replace messages 3 and 5 by garbage, and append more after the last; the entries and their bytes."""
    entries = await link.execute("XRANGE", KEYS.messages, "-", "+")
    await link.execute("UNLINK", KEYS.messages)
    bad = {"3-0": b'{"role":"Human","content":"\xff"', "5-0": b"not JSON", "1000-7": b'{"other":"thing"}'}
    for entry_id, (field, blob) in [*entries, ("1000-7", ("m", b""))]:
        name = entry_id if isinstance(entry_id, str) else entry_id.decode()
        await link.execute("XADD", KEYS.messages, name, field, bad.get(name, blob))
    return bad


async def test_a_damaged_version_is_set_aside(sound: None, link: RedisLink, store: Store) -> None:
    """The other versions stay readable, and the session accepts new ones."""
    await link.execute("XADD", KEYS.versions, "2-0", "v", "garbage")
    await link.execute("HSET", KEYS.state, "versions", 2)
    assert "entry 2-0 of its versions cannot be read" in (await examined(link, mend=True)).sentences[0]
    assert await link.execute("HGET", KEYS.damaged, "versions/2-0/v") == b"garbage"
    await store.append(ID, [], "newer", mark("n"), ())
    assert [version.version for version in await Versions(link, None).page(ID, None, 9)] == [3, 1]
    assert (await examined(link, mend=True)).sentences == []


@pytest.mark.parametrize("lost", [("HSET", KEYS.state, "folded", 99), ("HSET", KEYS.state, "folded", "x")])
async def test_a_wrong_watermark_goes_to_where_the_summary_ends(
    sound: None, link: RedisLink, store: Store, lost: tuple[str | bytes | int, ...]
) -> None:
    """The watermark is set to the newest version's, so that every message is in the window or in the summary."""
    for watermark in (0, 4):
        if watermark:
            state = await store.state(ID)
            assert state is not None
            messages = await store.messages(ID, 1, watermark, watermark)
            assert await store.commit_fold(ID, Fold(state, messages, "summary", 1, 1))
        await link.execute(*lost)
        assert len((await examined(link, mend=True)).sentences) == 1
        state = await store.state(ID)
        assert state is not None
        assert (state.folded, state.last) == (watermark, 6)
        assert state.folded_weight == sum(weigh(f"m{number}") for number in range(watermark))


@pytest.mark.parametrize("with_state", [True, False])
async def test_a_version_does_not_hide_messages_that_came_after_it(
    sound: None, link: RedisLink, store: Store, with_state: bool
) -> None:
    """If the messages that it covers are lost, new messages with their numbers stay in the window."""
    await link.pipeline(*FOLDED)
    lost = [KEYS.messages, KEYS.state] if with_state else [KEYS.messages]
    await link.execute("UNLINK", *lost)
    if not with_state:
        await link.execute("HSET", KEYS.state, "last", "x")
        await examined(link, mend=True)
    for number in (0, 2, 4):
        await store.append(ID, numbered(number, 2), None, mark("n"), Listing(link).add(ID, mark("n")))
        assert (await examined(link, mend=True)).left == 0
        state = await store.state(ID)
        assert state is not None
        window = await store.messages(ID, state.folded + 1, state.last, 100)
        assert [message.content for message in window] == [f"m{n}" for n in range(number + 2)]
        assert state.context == "told"
        assert (await examined(link, mend=True)).sentences == []


async def test_a_lost_state_is_rebuilt_from_the_streams(sound: None, link: RedisLink, store: Store) -> None:
    """Messages, summary, watermark and listing are restored."""
    state = await store.state(ID)
    assert state is not None
    assert await store.commit_fold(ID, Fold(state, await store.messages(ID, 1, 2, 2), "summary", 1, 1))
    await link.pipeline(("UNLINK", KEYS.state), ("ZREM", "mh:sessions:n", ID))
    await examined(link, mend=True)
    state = await store.state(ID)
    assert state is not None
    assert (state.last, state.folded, state.context) == (6, 2, "summary")
    assert await Listing(link).page(mark("n"), 1, 9, False) == [ID]


async def test_one_damaged_session_hides_no_other(sound: None, link: RedisLink, store: Store) -> None:
    """Whatever key has the wrong type, even a listing, the rest is checked."""
    for name in (b"a", b"z"):
        await store.append(name, numbered(0, 1), None, mark("n"), Listing(link).add(name, mark("n")))
        await link.execute("XDEL", SessionKeys(name).messages, "1-0")
    await link.pipeline(("UNLINK", KEYS.state), ("SET", KEYS.state, "x"), ("SET", "mh:sessions", "x"))
    found = await examined(link, mend=False)
    assert found.sessions == 3
    assert sorted(sentence.split(" (")[0] for sentence in found.sentences if "mh:sessions" not in sentence) == [
        "Session 'a': 1 messages are missing",
        "Session 's': its state is a string, not a hash",
        "Session 'z': 1 messages are missing",
    ]
    assert [sentence for sentence in found.sentences if "mh:sessions" in sentence] == [
        "Key 'mh:sessions': it is a string, not a zset (not mended)"
    ]


def test_the_exit_status_says_whether_damage_is_left(valkey: Server, redis_url: str) -> None:
    """``python -m motorhead fsck`` prints a count, and its status is 1 while damage is left."""
    import redis

    def fsck(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "motorhead", "fsck", *options], cwd=REPOSITORY, text=True, check=False,
            env=clean_environment({"REDIS_URL": redis_url}), capture_output=True, timeout=20 * PATIENCE,
        )  # fmt: skip

    with redis.Redis.from_url(redis_url) as client:
        client.zadd("mh:sessions", {"ghost": 1000})
    assert fsck().returncode == 1
    assert "1 findings, 0 left" in fsck("--mend").stdout
    assert fsck().returncode == 0
