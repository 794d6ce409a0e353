"""The examination: it finds what is damaged, mends what can be mended, and leaves what is sound alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from motorhead.fsck import Findings, Fsck
from motorhead.keys import NAMESPACES, SessionKeys, mark
from motorhead.listing import Listing
from motorhead.redis_link import RedisLink
from motorhead.store import Store
from tests.motorhead.kit import numbered
from tests.servers import PATIENCE, REPOSITORY, Server, clean_environment

ID = b"s"
KEYS = SessionKeys(ID)

#: What is wrong, the commands that make it so, whether it can be mended.
DAMAGES = [
    ("the newest messages are not counted", [("HSET", KEYS.state, "last", 3)], True),
    ("the watermark is above the newest message", [("HSET", KEYS.state, "folded", 99)], True),
    (
        "the oldest messages, which are folded, are missing",
        [("HSET", KEYS.state, "folded", 4), ("XDEL", KEYS.messages, "1-0", "2-0")],
        True,
    ),
    ("2 messages are missing", [("XDEL", KEYS.messages, "3-0", "4-0")], False),
    ("the summary is NONE", [("HSET", KEYS.state, "context", "None")], True),
    ("the vectors do not fit the messages", [("HSET", KEYS.state, "indexed", 4)], True),
    ("vectors that no message has", [("HSET", KEYS.vectors, "0", "x")], True),
    ("it is not listed", [("ZREM", "mh:sessions:n", ID), ("SREM", NAMESPACES, "n")], True),
    ("keys without a session", [("SET", SessionKeys(b"orphan").vectors, "x")], True),
    ("it is listed, but there is no such session", [("ZADD", "mh:sessions:n", 1000, "ghost")], True),
    ("it lists no session", [("SADD", NAMESPACES, "empty")], True),
]


@pytest.fixture
async def sound(store: Store, link: RedisLink) -> None:
    """A session of six messages in namespace n."""
    await store.append(ID, numbered(0, 6), "c", mark("n"), Listing(link).add(ID, mark("n")))


async def examined(link: RedisLink, *, mend: bool) -> Findings:
    return await Fsck(link, mend=mend).run()


async def test_a_sound_store_has_no_findings(sound: None, link: RedisLink) -> None:
    """Nothing is found where nothing is wrong, and nothing is changed."""
    found = await examined(link, mend=True)
    assert (found.sentences, found.sessions, found.left) == ([], 1, 0)


@pytest.mark.parametrize(("what", "commands", "mendable"), DAMAGES, ids=[damage[0] for damage in DAMAGES])
async def test_damage_is_found_and_mended_if_it_can_be(
    sound: None, link: RedisLink, what: str, commands: list[tuple[str | bytes | int, ...]], mendable: bool
) -> None:
    """Without --mend the damage is told and stays; with it, it is gone unless messages are lost."""
    await link.pipeline(*commands)
    for _ in range(2):
        found = await examined(link, mend=False)
        assert [what in sentence for sentence in found.sentences] == [True]
        assert found.left == 1
    mended = await examined(link, mend=True)
    assert mended.left == (0 if mendable else 1)
    assert (await examined(link, mend=False)).left == (0 if mendable else 1)


def test_the_command_tells_what_is_left_by_its_status(valkey: Server, redis_url: str) -> None:
    """``python -m motorhead fsck`` ends with a count, and with status 1 while something is left."""
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
