"""The scripts: each does all of its work or none, whatever is in Redis and whatever has changed meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from motorhead.config import FoldSettings
from motorhead.folding.folder import Folder
from motorhead.messages import Message, Version, open_version
from motorhead.metrics import Metrics
from motorhead.recall.vectors import Index, Vectors
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys, mark
from motorhead.store.leases import Leases
from motorhead.store.scripts import DROP_VERSIONS, RENEW, RESTORE, TRIM
from motorhead.store.state import State
from motorhead.store.store import Fold, Store
from redis_link.connection import Command
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from redis_link.scripts import Argument
from tests.support.kit import ObedientSummarizer, numbered

ID = b"s"
KEYS = SessionKeys(ID)
Operation = Callable[[RedisLink, Store, State], Awaitable[object]]

COUNTS = (
    "last", "folded", "weight", "folded_weight", "versions", "context_version", "fold_version", "tokens",
    "prompt_tokens", "completion_tokens", "kept_from",
)  # fmt: skip
#: Values of a type that none of the keys has.
KINDS = {"string": "SET", "list": "RPUSH", "set": "SADD"}
OWN = {KEYS.namespaces: "set", KEYS.idempotency_queue: "list"}
DAMAGES: dict[str, list[Command]] = {
    **{f"{field} is not a number": [("HSET", KEYS.state, field, "abc")] for field in COUNTS},
    "last is too small": [("HSET", KEYS.state, "last", 1)],
    "last is beyond all streams": [("HSET", KEYS.state, "last", 2**64 - 1)],
    **{
        f"{key!r} is a {kind}": [("UNLINK", key), (command, key, "x")]
        for key in KEYS.all[:7]
        for kind, command in KINDS.items()
        if OWN.get(key) != kind
    },
    "an idempotency key without a time": [
        ("HSET", KEYS.idempotency, "old", "x"),
        ("LPUSH", KEYS.idempotency_queue, "old"),
    ],
}


async def append(link: RedisLink, store: Store, state: State) -> object:
    return await store.append(ID, numbered(0, 2), "context", mark("other"), (), key="k")


async def commit(link: RedisLink, store: Store, state: State) -> object:
    messages = [Message("Human", "m7", "8", 1), Message("AI", "m8", "9", 1)]
    return await store.commit_fold(ID, Fold(state, messages, "summary", 1, 1))


async def restore(link: RedisLink, store: Store, state: State) -> object:
    entry = open_version("older", "restore")
    arguments: list[Argument] = [state.epoch, state.context_version, "0", "0", "older", entry]
    return await link.run(RESTORE, [KEYS.state, KEYS.versions, KEYS.withdrawn], arguments)


async def note(link: RedisLink, store: Store, state: State) -> None:
    await store.note_fold(ID, state.epoch, "another reason", False)


async def trim(link: RedisLink, store: Store, state: State) -> object:
    return await link.run(TRIM, [KEYS.state, KEYS.messages, KEYS.vectors, KEYS.withdrawn], [state.epoch, 5, 1])


async def drop_versions(link: RedisLink, store: Store, state: State) -> object:
    return await link.run(DROP_VERSIONS, [KEYS.state, KEYS.versions], [state.epoch, 1])


async def index(link: RedisLink, store: Store, state: State) -> object:
    return await Vectors(link).append(ID, Index(state.epoch, 13, 1, 1, "old", 2), "new", 2, [b"xx"])


@pytest.fixture
async def session(store: Store, link: RedisLink) -> State:
    """A session with thirteen messages, seven of them folded, a version, an idempotency key and a vector."""
    await store.append(ID, numbered(0, 13), None, mark("n"), (), key="first")
    await Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics()).fold(ID)
    await link.execute("HSET", KEYS.vectors, "0/2/old", "xx")
    vectors = ("indexed", 1, "vector_model", "old", "vector_size", 2)
    await link.execute("HSET", KEYS.state, *vectors, "reason", "The model is away.")
    state = await store.state(ID)
    assert state is not None
    return state


async def held(link: RedisLink) -> list[bytes | None]:
    """Everything in Redis about the session."""
    return list(await link.pipeline(*(("DUMP", key) for key in KEYS.all)))


@pytest.mark.parametrize("operation", [append, commit, restore, note, trim, drop_versions, index])
async def test_a_script_does_all_of_its_work_or_none(
    session: State, link: RedisLink, store: Store, operation: Operation
) -> None:
    """With any damage a write either succeeds, or is refused in a sentence without changing anything."""
    whole = await held(link)
    refused = 0
    for name, commands in DAMAGES.items():
        await put_back(link, whole)
        await link.pipeline(*commands)
        before = await held(link)
        refusal = await refusal_of(operation(link, store, session))
        if refusal is not None:
            refused += 1
            assert str(refusal).endswith("fsck --mend`.")
            assert await held(link) == before, name
    assert 0 < refused < len(DAMAGES)


async def refusal_of(operation: Awaitable[object]) -> StoreRefused | None:
    try:
        await operation
    except StoreRefused as refusal:
        return refusal
    return None


async def put_back(link: RedisLink, whole: list[bytes | None]) -> None:
    await link.execute("UNLINK", *KEYS.all)
    for key, value in zip(KEYS.all, whole, strict=True):
        if value is not None:
            await link.execute("RESTORE", key, 0, value)


async def versions_of(link: RedisLink, store: Store) -> list[Version]:
    return await Versions(link, None).page(ID, None, 10)


async def test_a_full_redis_is_no_damage(session: State, link: RedisLink, store: Store) -> None:
    """An error that stops every write is reported as it is, and nothing is written."""
    before = await held(link)
    await link.execute("CONFIG", "SET", "maxmemory", 1)
    try:
        for operation in (append, commit, restore, note):
            refusal = await refusal_of(operation(link, store, session))
            assert str(refusal).startswith("OOM")
    finally:
        await link.execute("CONFIG", "SET", "maxmemory", 0)
    assert await held(link) == before


@pytest.mark.parametrize("counted", [None, 0, "abc"])
async def test_a_lost_count_of_versions_stops_no_append(
    session: State, link: RedisLink, store: Store, counted: int | str | None
) -> None:
    """The next version follows the newest existing one, and the messages are appended once under their key."""
    await append(link, store, session)
    command = ("HDEL", KEYS.state, "versions") if counted is None else ("HSET", KEYS.state, "versions", counted)
    await link.execute(*command)
    for _ in range(2):
        await store.append(ID, numbered(50, 2), "newer", mark("n"), (), key="again")
    assert [version.version for version in await versions_of(link, store)] == [3, 2, 1]
    contents = [message.content for message in await store.messages(ID, 14, 99, 99)]
    assert contents == ["m0", "m1", "m50", "m51"]


async def test_a_damaged_session_can_be_deleted(session: State, link: RedisLink, store: Store) -> None:
    """Deletion leaves nothing of a session, whatever its keys contain."""
    whole = await held(link)
    for commands in DAMAGES.values():
        await put_back(link, whole)
        await link.pipeline(*commands)
        await store.delete(ID)
        assert await link.execute("EXISTS", *KEYS.all) == 0


def trim_to(keep: int, epoch: str) -> tuple[list[bytes], list[Argument]]:
    return [KEYS.state, KEYS.messages, KEYS.vectors, KEYS.withdrawn], [epoch, keep, 1]


async def test_a_trim_drops_nothing_that_is_not_folded(session: State, link: RedisLink) -> None:
    """If a restore has moved the watermark back since retention looked, no message above it is dropped."""
    before = await held(link)
    for keep in (8, 13):
        assert await link.run(TRIM, *trim_to(keep, session.epoch)) == 0
    assert await held(link) == before
    assert await link.run(TRIM, *trim_to(7, session.epoch)) == 6


async def test_a_trim_is_for_the_session_that_was_looked_at(session: State, link: RedisLink) -> None:
    """A session that has been started again since loses nothing."""
    before = await held(link)
    assert await link.run(TRIM, *trim_to(5, "another")) == 0
    assert await held(link) == before


async def test_versions_are_dropped_from_the_session_that_was_looked_at(session: State, link: RedisLink) -> None:
    """A session that has been started again since keeps its versions, and every session its newest."""
    keys = [KEYS.state, KEYS.versions]
    before = await held(link)
    assert await link.run(DROP_VERSIONS, keys, ["another", 1]) == 0
    assert await link.run(DROP_VERSIONS, keys, [session.epoch, 1, 2]) == 0
    assert await held(link) == before


@pytest.mark.parametrize("changed", ["epoch", "context_version"])
async def test_a_restore_is_for_the_session_as_it_was_read(session: State, link: RedisLink, changed: str) -> None:
    """A session that has been started again, or whose summary has been edited since, is not changed."""
    before = await held(link)
    read = {"epoch": session.epoch, "context_version": str(session.context_version), changed: "7"}
    entry = open_version("older", "restore")
    arguments: list[Argument] = [read["epoch"], read["context_version"], "0", "0", "older", entry]
    assert await link.run(RESTORE, [KEYS.state, KEYS.versions, KEYS.withdrawn], arguments) == 0
    assert await held(link) == before


@pytest.mark.parametrize("changed", [{"epoch": "another"}, {"indexed": 0}, {"model": "other"}, {"size": 4}])
async def test_vectors_are_for_the_index_as_it_was_read(
    session: State, link: RedisLink, changed: dict[str, Any]
) -> None:
    """Vectors are discarded if the session was started again or another replica has indexed it further."""
    before = await held(link)
    index = replace(Index(session.epoch, 13, 1, 1, "old", 2), **changed)
    assert not await Vectors(link).append(ID, index, "old", index.indexed + 1, [b"yy"])
    assert not await Vectors(link).append(ID, index, "new", 1, [b"yy"])
    assert await held(link) == before


async def test_vectors_are_only_put_behind_those_there_are(session: State, link: RedisLink) -> None:
    """A row of the same model is not stored below the indexed messages."""
    before = await held(link)
    assert not await Vectors(link).append(ID, Index(session.epoch, 13, 1, 1, "old", 2), "old", 1, [b"yy"])
    assert await held(link) == before


async def test_a_waiting_fold_is_noted_in_its_own_session(session: State, link: RedisLink, store: Store) -> None:
    """The reason of a session's fold is not stored in one that was started again under the same id."""
    before = await held(link)
    await store.note_fold(ID, "another", "another reason", True)
    assert await held(link) == before


async def test_a_lease_is_kept_by_its_holder_alone(link: RedisLink) -> None:
    """A former holder neither extends the next holder's lease nor brings back an expired one."""
    await link.execute("SET", "k", "another", "PX", 60_000)
    assert await link.run(RENEW, [b"k"], ["mine", 600_000]) == 0
    assert await link.execute("PTTL", "k") <= 60_000
    assert await link.run(RENEW, [b"k"], ["another", 600_000]) == 1
    assert await link.execute("PTTL", "k") > 60_000
    assert await link.run(RENEW, [b"gone"], ["mine", 600_000]) == 0
    assert await link.execute("EXISTS", "gone") == 0
