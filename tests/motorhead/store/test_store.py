"""The store: the checks of a commit, consistent reads and complete deletion."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import msgspec
import pytest

from motorhead.exceptions import Conflict, EpochGone
from motorhead.messages import Message
from motorhead.store.keys import SessionKeys, session_of
from motorhead.store.redis_errors import refusal
from motorhead.store.scripts import SCRIPTS
from motorhead.store.store import Fold, Store, opening, read_opening
from redis_link.address import parse_address
from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreUnavailable
from redis_link.link import RedisLink
from tests.support.kit import numbered, said

ID = b"s"


async def appended(store: Store, count: int, context: str | None = None) -> None:
    state = await store.state(ID)
    await store.append(ID, numbered(state.last if state else 0, count), context, b"-", ())


async def fold_of(store: Store, through: int, context: str = "told") -> Fold:
    state = await store.state(ID)
    assert state is not None
    messages: list[Message] = await store.messages(ID, state.folded + 1, through, 100)
    return Fold(state, messages, context, 7, 3)


async def test_a_fold_moves_the_watermark_and_keeps_the_messages(store: Store) -> None:
    """After a commit the window begins above the folded messages, which stay in the history."""
    await appended(store, 8)
    assert await store.commit_fold(ID, await fold_of(store, 5))
    found = await store.window(ID, 14)
    assert found is not None
    state, blobs = found
    assert (state.folded, state.context, state.tokens, len(blobs)) == (5, "told", 10, 3)
    assert len((await store.history(ID, None, 50)).messages) == 8


async def test_a_fold_begins_with_the_whole_window(store: Store, link: RedisLink) -> None:
    """It reads the messages above the watermark, oldest first; a window longer than expected is not read in part."""
    await appended(store, 8)
    await store.commit_fold(ID, await fold_of(store, 2))
    above = [3, 4, 5, 6, 7, 8]
    for expected, numbers in ((9, above), (7, above), (6, None)):
        state, window = read_opening(await link.pipeline(*opening(ID, expected)), expected)
        assert state is not None
        assert state.folded == 2
        found = None if window is None else [message.number for message in window]
        assert found == numbers
    assert read_opening(await link.pipeline(*opening(b"unknown", 9)), 9) == (None, None)


@pytest.mark.parametrize("tokens", [-10, 10**14, 10**15, 10**25])
async def test_no_figure_of_tokens_damages_a_session(store: Store, tokens: int) -> None:
    """A fold is committed whatever tokens it reports, and so are later ones."""
    await appended(store, 30)
    for number in range(1, 13):
        fold = replace(await fold_of(store, number), prompt_tokens=tokens, completion_tokens=1)
        assert await store.commit_fold(ID, fold)
    state = await store.state(ID)
    assert state is not None
    assert 0 <= state.tokens < 10**15
    await appended(store, 1, "edited")


async def test_a_fold_from_an_older_watermark_changes_nothing(store: Store) -> None:
    """Only the first of two folds made from the same state is committed."""
    await appended(store, 8)
    first, second = await fold_of(store, 5), await fold_of(store, 6)
    assert await store.commit_fold(ID, first)
    assert not await store.commit_fold(ID, second)
    state = await store.state(ID)
    assert state is not None
    assert state.folded == 5


async def test_a_fold_from_another_epoch_changes_nothing(store: Store) -> None:
    """A fold started before a deletion is not committed to the session that now has the id."""
    await appended(store, 8)
    late = await fold_of(store, 5)
    await store.delete(ID)
    assert not await store.commit_fold(ID, late)
    await appended(store, 8)
    assert not await store.commit_fold(ID, late)
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (0, None)


async def test_a_fold_from_before_an_edit_changes_nothing(store: Store) -> None:
    """If a client sets the context during a fold, the edited text stays."""
    await appended(store, 8)
    late = await fold_of(store, 5)
    await appended(store, 0, context="edited")
    assert not await store.commit_fold(ID, late)
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (0, "edited")


async def test_an_append_while_folding_does_not_disturb_the_fold(store: Store) -> None:
    """Messages that arrive between reading and committing stay in the window."""
    await appended(store, 8)
    fold = await fold_of(store, 5)
    await appended(store, 4)
    assert await store.commit_fold(ID, fold)
    found = await store.window(ID, 14)
    assert found is not None
    assert len(found[1]) == 7


async def test_a_long_window_is_read_whole(store: Store) -> None:
    """A window longer than expected is still returned whole."""
    await appended(store, 50)
    found = await store.window(ID, 14)
    assert found is not None
    assert len(found[1]) == 50


class Counting(RedisLink):
    """A link that counts its pipelines."""

    pipelines = 0

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """See RedisLink."""
        self.pipelines += 1
        return await super().pipeline(*commands)


@pytest.mark.parametrize(("expected", "reads"), [(14, 1), (6, 2)])
@pytest.mark.parametrize("missing", [7, 12, 15])
@pytest.mark.parametrize("most", [None, 12])
async def test_a_missing_message_lets_no_folded_one_into_the_window(
    store: Store, redis_url: str, expected: int, reads: int, missing: int, most: int | None
) -> None:
    """The window ends at the watermark even if a message is missing, and one read is enough."""
    link = Counting(parse_address(redis_url), scripts=SCRIPTS, refusal=refusal)
    await link.open()
    await appended(store, 16)
    assert await store.commit_fold(ID, await fold_of(store, 8))
    await link.execute("XDEL", SessionKeys(ID).messages, f"{missing}-0")
    found = await Store(link).window(ID, expected, most)
    await link.close()
    assert found is not None
    numbers = [int(msgspec.json.decode(blob)["id"]) for blob in found[1]]
    assert numbers == [number for number in range(16, 8, -1) if number != missing]
    assert link.pipelines == reads


async def test_deletion_leaves_no_key(store: Store, link: RedisLink) -> None:
    """After a deletion no key with the session's id in its name is left."""
    await store.append(ID, said("a", "b"), "c", b"=n", (), key="k")
    await link.execute("HSET", SessionKeys(ID).vectors, "1", "v")
    assert await link.execute("KEYS", "*{s}*")
    assert await store.delete(ID) == [b"=n"]
    assert await link.execute("KEYS", "*{s}*") == []


async def test_an_append_checks_before_it_writes(store: Store, link: RedisLink) -> None:
    """A refused append leaves the session unchanged."""
    await store.append(ID, said("a"), None, b"-", (), key="k")
    before = await link.execute("HGETALL", SessionKeys(ID).state)
    with pytest.raises(Conflict):
        await store.append(ID, said("b"), None, b"-", (), key="k")
    with pytest.raises(EpochGone):
        await store.append(ID, said("b"), None, b"=other", (), epoch="old")
    assert await link.execute("HGETALL", SessionKeys(ID).state) == before
    assert await link.execute("XLEN", SessionKeys(ID).messages) == 1


async def test_old_idempotency_keys_are_forgotten(store: Store, link: RedisLink) -> None:
    """Keys past their lifetime are removed by later appends, so that they do not accumulate."""
    for number in range(6):
        await store.append(ID, said(f"m{number}"), None, b"-", (), key=f"k{number}")
    keys = SessionKeys(ID)
    for number in range(6):
        digest = (await link.execute("HGET", keys.idempotency, f"k{number}")).split()[1]
        await link.execute("HSET", keys.idempotency, f"k{number}", b"1000 " + digest)
    for number in range(6, 9):
        await store.append(ID, said(f"m{number}"), None, b"-", (), key=f"k{number}")
    left = await link.execute("HKEYS", keys.idempotency)
    assert sorted(left) == [b"k6", b"k7", b"k8"]
    assert await link.execute("LLEN", keys.idempotency_queue) == 3


@pytest.mark.parametrize("session_id", [b"a", b"{a}", b"}{", b"%7B", b"a:b}:c", "ü".encode()])
def test_a_key_names_its_session(session_id: bytes) -> None:
    """Every key of a session yields its id."""
    assert {session_of(key) for key in SessionKeys(session_id).all} == {session_id}


class Interrupted(RedisLink):
    """A link that triggers an event before each command of a pipeline but the first, ``times`` times."""

    happen: Callable[[], Awaitable[object]]
    times = 0

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """Send the commands one by one."""
        replies = [await self.execute(*commands[0])]
        for command in commands[1:]:
            if self.times:
                self.times -= 1
                await self.happen()
            replies.append(await self.execute(*command))
        return replies


@pytest.fixture
async def interrupted(redis_url: str) -> AsyncIterator[Interrupted]:
    """An open link that can be interrupted."""
    link = Interrupted(parse_address(redis_url), scripts=SCRIPTS, refusal=refusal)
    await link.open()
    yield link
    await link.close()


@pytest.mark.parametrize("expected", [14, 1])
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_read_never_mixes_a_session_with_the_one_that_took_its_place(
    store: Store, interrupted: Interrupted, expected: int, times: int
) -> None:
    """A session deleted and started again during a read is read as the old or the new one, never a mixture."""
    fresh = 0

    async def begin_anew() -> None:
        nonlocal fresh
        fresh += 1
        await store.delete(ID)
        await store.append(ID, said(*(f"fresh {fresh}" for _ in range(4))), f"context {fresh}", b"-", ())

    await store.append(ID, said("old", "old", "old"), "context 0", b"-", ())
    interrupted.happen, interrupted.times = begin_anew, times
    found = await Store(interrupted).window(ID, expected)
    assert found is not None
    state, blobs = found
    assert state.context == f"context {fresh}"
    assert len(blobs) == 4
    assert all(f"fresh {fresh}".encode() in blob for blob in blobs)


async def test_a_session_deleted_while_it_is_read_is_not_there(store: Store, interrupted: Interrupted) -> None:
    """A session deleted during a read is reported as missing, never as a context without its messages."""
    await appended(store, 3, "told")
    interrupted.happen, interrupted.times = lambda: store.delete(ID), 1
    assert await Store(interrupted).window(ID, 14) is None


async def test_a_session_that_will_not_stay_is_unavailable(store: Store, interrupted: Interrupted) -> None:
    """A read that never finds the same session twice ends with a sentence."""

    async def begin_anew() -> None:
        await store.delete(ID)
        await appended(store, 1)

    await appended(store, 1)
    interrupted.happen, interrupted.times = begin_anew, 1000
    with pytest.raises(StoreUnavailable, match="again"):
        await Store(interrupted).window(ID, 14)
