"""Restoring an earlier version of the summary."""

from __future__ import annotations

import pytest

from motorhead.config import FoldSettings
from motorhead.exceptions import Conflict, NotFound
from motorhead.folding.due import DueFolds
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import numbered


@pytest.fixture
def scheduled() -> list[bytes]:
    """The sessions for which a fold was scheduled."""
    return []


@pytest.fixture
def restore(link: RedisLink, store: Store, scheduled: list[bytes]) -> Restore:
    return restore_over(link, store, scheduled)


def restore_over(link: RedisLink, store: Store, scheduled: list[bytes]) -> Restore:
    return Restore(link, store, Versions(link, None), DueFolds(FoldSettings(), scheduled.append))


async def everything_in(store: Store, session_id: bytes) -> list[str]:
    found = await store.window(session_id, 30)
    assert found is not None
    state, blobs = found
    window = await store.messages(session_id, state.folded + 1, state.last, 100)
    assert len(blobs) == len(window)
    return [*(state.context or "").split("|"), *(message.content for message in window)]


async def test_going_back_moves_the_watermark_too(
    restore: Restore, link: RedisLink, store: Store, folded_twice: bytes
) -> None:
    """After a restore the old summary is back, and the messages that it does not cover are in the window again."""
    await restore.restore(folded_twice, 1)
    state = await store.state(folded_twice)
    assert state is not None
    assert (state.folded, state.context) == (6, "|".join(f"m{n}" for n in range(6)))
    assert await everything_in(store, folded_twice) == [f"m{n}" for n in range(20)]
    newest = (await Versions(link, None).page(folded_twice, None, 1))[0]
    assert (newest.version, newest.source, newest.through) == (3, "restore", "6")


async def test_what_is_in_the_window_again_is_folded_when_that_is_due(
    restore: Restore, folded_twice: bytes, scheduled: list[bytes]
) -> None:
    """Restoring a version after which the window overflows schedules a fold; restoring the newer one does not."""
    await restore.restore(folded_twice, 1)
    assert scheduled == [folded_twice]
    await restore.restore(folded_twice, 2)
    assert scheduled == [folded_twice]


async def test_going_forward_again_is_going_back_to_a_newer_version(
    restore: Restore, store: Store, folded_twice: bytes
) -> None:
    """A newer version can be restored after an older one, and still everything is covered exactly once."""
    await restore.restore(folded_twice, 1)
    await restore.restore(folded_twice, 2)
    assert await everything_in(store, folded_twice) == [f"m{n}" for n in range(20)]


async def test_a_session_that_is_replaced_meanwhile_gets_no_old_summary(link: RedisLink, store: Store) -> None:
    """A version of a deleted session is not restored in a new session with the same id."""

    class ReplacingStore(Store):
        """Deletes the session and starts a new one right after its state was read."""

        async def state(self, session_id: bytes) -> State | None:
            state = await super().state(session_id)
            if state is not None and state.context == "old":
                await self.delete(session_id)
                await self.append(session_id, numbered(0, 1), "new", b"-", ())
            return state

    await store.append(b"s", numbered(0, 1), "old", b"-", ())
    await restore_over(link, ReplacingStore(link), []).restore(b"s", 1)
    found = await store.state(b"s")
    assert found is not None
    assert found.context == "new"


async def test_a_version_that_is_not_there_is_not_found(restore: Restore, folded_twice: bytes) -> None:
    """An unknown version or session raises NotFound."""
    for session, number in ((folded_twice, 3), (folded_twice, 0), (b"nobody", 1)):
        with pytest.raises(NotFound):
            await restore.restore(session, number)


async def test_dropped_messages_cannot_return_to_the_window(
    restore: Restore, link: RedisLink, folded_twice: bytes
) -> None:
    """A version is refused when messages after it were dropped because of their age."""
    await link.execute("HSET", SessionKeys(folded_twice).state, "kept_from", 10)
    with pytest.raises(Conflict, match="dropped"):
        await restore.restore(folded_twice, 1)
    await restore.restore(folded_twice, 2)
