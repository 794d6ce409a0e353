"""Forks of a session: of one consistent state, whatever happens meanwhile, and made once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from motorhead.config import FoldSettings
from motorhead.exceptions import MessagesRemoved, NoSuchMessage, NotFound, SessionBusy, SessionExists
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.messages import NewMessage, weigh
from motorhead.metrics import Metrics
from motorhead.sessions import fork as module
from motorhead.sessions.fork import Fork
from motorhead.sessions.origin import Origins
from motorhead.sessions.versions import Versions
from motorhead.store.copying import Copy
from motorhead.store.keys import UNNAMED, SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.listing import Listing
from motorhead.store.scripts import TRIM
from motorhead.store.store import Store
from motorhead.tools.fsck import Fsck
from motorhead.upkeep.erasure import Erasure
from redis_link.exceptions import StoreUnavailable
from redis_link.link import RedisLink
from tests.support.kit import ObedientSummarizer, keys_left, numbered

#: The session of the fixture ``folded_twice`` has m0-m5 in version 1, m0-m12 in version 2, and 20 messages in all.
FROM, TO = b"s", b"{t}"


@pytest.fixture
async def folded(folded_twice: bytes, link: RedisLink) -> None:
    """The session, listed."""
    await link.pipeline(*Listing(link).add(folded_twice, UNNAMED))


@pytest.fixture
def scheduled() -> list[bytes]:
    """The sessions scheduled for a fold, and then for indexing."""
    return []


@pytest.fixture
def fork(link: RedisLink, scheduled: list[bytes]) -> Fork:
    due = DueFolds(FoldSettings(), scheduled.append)
    erasure = Erasure(link, 600)
    origins = Origins(link, Versions(link, None))
    return Fork(link, origins, Listing(link), due, erasure=erasure, index_soon=scheduled.append)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Awaitable[object]]], None]:
    """Has something happen while the next copy is staged: between its messages and its publication."""

    def set_up(act: Callable[[], Awaitable[object]]) -> None:
        acts, staging = [act], Copy.add_gaps

        async def staged_and_then(copy: Copy, numbers: set[int]) -> None:
            await staging(copy, numbers)
            if acts:
                await acts.pop()()

        monkeypatch.setattr(Copy, "add_gaps", staged_and_then)

    return set_up


async def shown(store: Store, session_id: bytes) -> tuple[str | None, list[str]]:
    """The summary, and the window, oldest first; checks that the counts are true."""
    found = await store.window(session_id, 99)
    assert found is not None
    state, blobs = found
    window = await store.messages(session_id, state.folded + 1, state.last, 999)
    assert len(blobs) == state.unfolded == len(window)
    assert state.weight - state.folded_weight == sum(weigh(message.content) for message in window)
    return state.context, [message.content for message in window]


async def examine(link: RedisLink, sessions: int) -> None:
    """Check that fsck finds no damage in this number of sessions."""
    found = await Fsck(link, Listing(link), mend=False).run()
    assert (found.sessions, found.sentences) == (sessions, [])


def m(first: int, last: int) -> list[str]:
    return [f"m{number}" for number in range(first, last)]


@pytest.mark.parametrize(
    ("through", "told", "window"),
    [
        (20, 13, m(13, 20)),
        (14, 13, m(13, 14)),
        (13, 13, []),
        (12, 6, m(6, 12)),
        (6, 6, []),
        (5, 0, m(0, 5)),
        (1, 0, m(0, 1)),
    ],
)
async def test_every_message_is_in_the_summary_or_in_the_window(
    fork: Fork, folded: None, link: RedisLink, store: Store, through: int, told: int, window: list[str]
) -> None:
    """Whichever message a session is forked from, and as if it had been the newest one."""
    await fork.fork(FROM, through, TO)
    assert await shown(store, TO) == ("|".join(m(0, told)) or None, window)
    assert [message.content for message in await store.messages(TO, 1, 99, 99)] == m(0, through)
    versions = await Versions(link, None).page(TO, None, 9)
    assert versions == [one for one in await Versions(link, None).page(FROM, None, 9) if int(one.through) <= through]
    await examine(link, 2)


async def test_a_fork_is_scheduled_for_what_is_due(
    fork: Fork, folded: None, store: Store, scheduled: list[bytes]
) -> None:
    """A window that overflows is folded, and vectors are made of all messages."""
    await store.append(FROM, numbered(20, 7), None, UNNAMED, ())
    await fork.fork(FROM, 27, TO)
    assert scheduled == [TO, TO]
    await fork.fork(FROM, 20, b"u")
    assert scheduled[2:] == [b"u"], "a window that does not overflow is only indexed"


async def test_numbers_without_a_message_stay_without_one(fork: Fork, link: RedisLink, store: Store) -> None:
    """Withdrawn messages, and ones that fsck set aside, are gaps in the fork as well; ids go on behind."""
    await store.append(FROM, numbered(0, 5), None, UNNAMED, Listing(link).add(FROM, UNNAMED))
    await store.append(FROM, numbered(5, 3), None, UNNAMED, (), replace_after=3)
    keys = SessionKeys(FROM)
    await link.pipeline(
        ("XDEL", keys.messages, "2-0"),
        ("HSET", keys.damaged, "messages/2-0/m", "x"),
        ("HINCRBY", keys.state, "weight", -weigh("m1")),
    )
    await fork.fork(FROM, 7, TO)
    assert await shown(store, TO) == (None, ["m0", "m2", "m5", "m6"])
    await store.append(TO, numbered(8, 1), None, UNNAMED, ())
    assert [message.id for message in await store.messages(TO, 1, 99, 99)] == ["1", "3", "6", "7", "8"]
    await examine(link, 2)


async def test_what_retention_removed_is_not_forked(fork: Fork, folded: None, link: RedisLink, store: Store) -> None:
    """Where a message or its predecessors are gone, the fork is refused; behind them it counts them as removed."""
    state = await store.state(FROM)
    assert state is not None
    keys = SessionKeys(FROM)
    touched = [keys.state, keys.messages, keys.vectors, keys.withdrawn]
    assert await link.run(TRIM, touched, [state.epoch, 10, 16]) == 9
    for through in (9, 12, 1):
        with pytest.raises(MessagesRemoved):
            await fork.fork(FROM, through, TO)
    assert await store.state(TO) is None
    await fork.fork(FROM, 16, TO)
    assert await shown(store, TO) == ("|".join(m(0, 13)), ["m13", "m14", "m15"])
    forked = await store.state(TO)
    assert forked is not None
    assert forked.kept_from == 10
    await examine(link, 2)


async def test_a_session_of_many_large_messages_is_copied_in_parts(fork: Fork, link: RedisLink, store: Store) -> None:
    """No part is much larger than half a MiB, whatever the sizes of messages; the copy is complete."""
    sizes = [10] * 700 + [300_000] * 9 + [10] * 300
    for start in range(0, len(sizes), 100):
        texts = [NewMessage("Human", "x" * size) for size in sizes[start : start + 100]]
        await store.append(FROM, texts, None, UNNAMED, Listing(link).add(FROM, UNNAMED))
    await fork.fork(FROM, len(sizes) - 1, TO)
    copied = [len(one.content) for one in await store.messages(TO, 1, 9999, 9999)]
    assert copied == sizes[:-1]
    await examine(link, 2)


async def test_appends_and_folds_meanwhile_do_not_matter(
    fork: Fork, folded: None, link: RedisLink, store: Store, meanwhile: Callable[..., None]
) -> None:
    """The fork is that of its message all the same."""

    async def go_on() -> None:
        await store.append(FROM, numbered(20, 9), "Edited.", UNNAMED, ())
        folder = Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics())
        await folder.fold(FROM)
        await store.append(FROM, [], None, UNNAMED, (), replace_after=28)

    meanwhile(go_on)
    await fork.fork(FROM, 20, TO)
    assert await shown(store, TO) == ("|".join(m(0, 13)), m(13, 20))
    await examine(link, 2)


async def test_what_is_withdrawn_meanwhile_is_in_no_fork(
    fork: Fork, folded: None, link: RedisLink, store: Store, meanwhile: Callable[..., None]
) -> None:
    """Nothing is made of a message that is not there any more, and nothing staged is left."""
    meanwhile(lambda: store.append(FROM, numbered(20, 3), None, UNNAMED, (), replace_after=18))
    with pytest.raises(NoSuchMessage):
        await fork.fork(FROM, 20, TO)
    assert not [key for key in await keys_left(link) if b"{%7Bt%7D}" in key]
    assert await Listing(link).page(UNNAMED, 1, 9, False) == [FROM]
    await fork.fork(FROM, 21, TO)
    assert (await shown(store, TO))[1] == [*m(13, 18), "m20"]


async def test_a_session_deleted_meanwhile_is_not_forked(
    fork: Fork, folded: None, link: RedisLink, store: Store, meanwhile: Callable[..., None]
) -> None:
    """Deleted is deleted: neither a session nor anything staged is left."""
    meanwhile(lambda: store.delete(FROM))
    with pytest.raises(NotFound):
        await fork.fork(FROM, 20, TO)
    assert await keys_left(link) == [b"mh:sessions"]
    assert await link.execute("ZRANGE", "mh:sessions", 0, -1) == [FROM]  # which its deletion would unlist


async def test_a_deletion_of_the_new_session_deletes_what_is_staged(
    fork: Fork, folded: None, link: RedisLink, store: Store, meanwhile: Callable[..., None]
) -> None:
    """The fork begins again, and is whole."""
    meanwhile(lambda: store.delete(TO))
    await fork.fork(FROM, 20, TO)
    assert await shown(store, TO) == ("|".join(m(0, 13)), m(13, 20))


async def test_a_session_begun_meanwhile_is_not_touched(
    fork: Fork, folded: None, link: RedisLink, store: Store, meanwhile: Callable[..., None]
) -> None:
    """A session that has the new id by then is kept, and nothing staged is left."""
    meanwhile(lambda: store.append(TO, numbered(0, 1), None, UNNAMED, ()))
    with pytest.raises(SessionExists):
        await fork.fork(FROM, 20, TO)
    assert await shown(store, TO) == (None, ["m0"])
    assert not [key for key in await keys_left(link) if b"copy" in key]


async def test_forks_at_the_same_time_make_one_session(fork: Fork, folded: None, link: RedisLink, store: Store) -> None:
    """The same fork from several clients is made once; of different ones to the same id, one is made."""
    await asyncio.gather(*(fork.fork(FROM, 20, TO) for _ in range(6)))
    state = await store.state(TO)
    assert await shown(store, TO) == ("|".join(m(0, 13)), m(13, 20))
    await asyncio.gather(*(fork.fork(FROM, 20, TO) for _ in range(6)))
    assert await store.state(TO) == state
    outcomes = await asyncio.gather(*(fork.fork(FROM, n, b"u") for n in range(10, 15)), return_exceptions=True)
    assert [type(one) for one in outcomes].count(SessionExists) == 4
    await examine(link, 3)


async def test_what_a_killed_process_staged_never_shows(
    fork: Fork, folded: None, link: RedisLink, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no session, it expires, and the next fork to the id does not wait for it."""

    class Killed(BaseException):
        pass

    async def die(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Copy, "publish", die)
        patch.setattr(Copy, "discard", die)
        with pytest.raises(Killed):
            await fork.fork(FROM, 13, TO)
    assert await store.state(TO) is None
    staged = [key for key in SessionKeys(TO).copy if await link.execute("EXISTS", key)]
    assert len(staged) == 3
    assert all([0 < await link.execute("PTTL", key) <= 10_000 for key in staged])
    await fork.fork(FROM, 20, TO)
    assert await shown(store, TO) == ("|".join(m(0, 13)), m(13, 20))
    assert [await link.execute("PTTL", key) for key in (SessionKeys(TO).state, SessionKeys(TO).messages)] == [-1, -1]
    await examine(link, 2)


async def test_a_fork_whose_answer_was_lost_is_there(
    fork: Fork, folded: None, link: RedisLink, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays listed, and is found when the fork is asked for again."""
    publish = Copy.publish

    async def lose(*arguments: object) -> None:
        await publish(*arguments)  # type: ignore[arg-type]
        raise StoreUnavailable("Lost.")

    with monkeypatch.context() as patch:
        patch.setattr(Copy, "publish", lose)
        with pytest.raises(StoreUnavailable):
            await fork.fork(FROM, 20, TO)
    assert await Listing(link).page(UNNAMED, 1, 9, False) == [FROM, TO]
    before = await store.state(TO)
    await fork.fork(FROM, 20, TO)
    assert await store.state(TO) == before


async def test_a_session_that_keeps_changing_is_not_forked(
    fork: Fork, folded: None, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some tries, or while another copy to the id stays under way, the fork is refused as busy."""

    async def changed(*arguments: object) -> bool:
        return False

    monkeypatch.setattr(module, "REST", 0)
    with monkeypatch.context() as patch:
        patch.setattr(Origins, "is_unchanged", changed)
        with pytest.raises(SessionBusy):
            await fork.fork(FROM, 20, TO)
    assert await store.state(TO) is None
