"""Copies of sessions that are staged, and then published."""

from __future__ import annotations

import pytest

from motorhead.store.copying import Copy, Displaced, Published
from motorhead.store.keys import UNNAMED, SessionKeys
from motorhead.store.store import Store
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from redis_link.scripts import Argument
from tests.support.kit import keys_left, numbered

ID = b"s"
KEYS = SessionKeys(ID)
STATE: dict[str, Argument] = {"epoch": "e", "last": 1}
MESSAGE = (b"1-0", [b"m", b'{"role":"Human","content":"m0","id":"1","created_at":1}'])


async def staged(link: RedisLink) -> Copy:
    copy = Copy(link, ID)
    await copy.begin()
    await copy.add_messages([MESSAGE])
    return copy


async def test_a_copy_is_a_session_once_it_is_published(link: RedisLink, store: Store) -> None:
    """Before, no reader sees it; afterwards nothing staged is left, and nothing expires."""
    copy = await staged(link)
    assert await store.state(ID) is None
    assert await store.messages(ID, 1, 9, 9) == []
    assert await copy.publish("mark", UNNAMED, STATE) is Published.DONE
    assert [message.content for message in await store.messages(ID, 1, 9, 9)] == ["m0"]
    assert sorted(await keys_left(link)) == sorted([KEYS.state, KEYS.messages, KEYS.namespaces])
    assert await link.execute("PTTL", KEYS.messages) == -1
    assert await copy.discard() is False


async def test_a_session_is_never_overwritten(link: RedisLink, store: Store) -> None:
    """The outcome says whether the session was made of the same origin."""
    await (await staged(link)).publish("mark", UNNAMED, STATE)
    for mark, outcome in (("mark", Published.AGAIN), ("another", Published.EXISTS)):
        copy = await staged(link)
        assert await copy.publish(mark, UNNAMED, {**STATE, "last": 7}) is outcome
        assert await copy.discard() is True
    state = await store.state(ID)
    assert state is not None
    assert (state.epoch, state.last) == ("e", 1)


async def test_the_newest_copy_displaces_the_others(link: RedisLink, store: Store) -> None:
    """The older one can neither add to it, publish it nor discard it."""
    old, new = await staged(link), await staged(link)
    with pytest.raises(Displaced):
        await old.add_gaps([2])
    with pytest.raises(Displaced):
        await old.publish("old", UNNAMED, STATE)
    assert await old.discard() is False
    assert await new.publish("new", UNNAMED, STATE) is Published.DONE


@pytest.mark.parametrize("key", KEYS.copy[:2])
async def test_a_copy_that_lost_a_part_is_not_published(link: RedisLink, store: Store, key: bytes) -> None:
    """It may have expired, been evicted or been deleted with its id."""
    copy = await staged(link)
    await link.execute("UNLINK", key)
    with pytest.raises(Displaced):
        await copy.publish("mark", UNNAMED, STATE)
    assert await store.state(ID) is None


async def test_a_deletion_deletes_what_is_staged(link: RedisLink, store: Store) -> None:
    """The copy cannot be completed afterwards."""
    copy = await staged(link)
    await store.delete(ID)
    assert await keys_left(link) == []
    with pytest.raises(Displaced):
        await copy.add_messages([MESSAGE])
    assert await keys_left(link) == []


@pytest.mark.parametrize("left", [("SET", KEYS.state, "x"), ("XADD", KEYS.messages, "1-0", "m", "x")])
async def test_remains_of_a_damaged_session_are_not_overwritten(
    link: RedisLink, store: Store, left: tuple[str | bytes, ...]
) -> None:
    """The copy is refused with a sentence that names fsck."""
    copy = await staged(link)
    await link.execute(*left)
    with pytest.raises(StoreRefused, match="fsck"):
        await copy.publish("mark", UNNAMED, STATE)


async def test_an_append_after_numbers_without_messages_has_the_next_number(link: RedisLink, store: Store) -> None:
    """Gaps are withdrawn numbers of the new session."""
    copy = Copy(link, ID)
    await copy.begin()
    await copy.add_messages([(b"4-0", [b"m", b'{"role":"Human","content":"m0","id":"4","created_at":1}'])])
    await copy.add_gaps([1, 2, 3])
    await copy.publish("mark", UNNAMED, {"epoch": "e", "last": 4, "gaps": 3})
    appended = await store.append(ID, numbered(1, 1), None, UNNAMED, ())
    assert appended.unfolded == 2
    assert [message.id for message in await store.messages(ID, 1, 9, 9)] == ["4", "5"]
