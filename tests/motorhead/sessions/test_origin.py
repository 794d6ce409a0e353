"""Reading a session that is to be forked."""

from __future__ import annotations

import pytest

from motorhead.exceptions import NoSuchMessage
from motorhead.sessions import origin as module
from motorhead.sessions.origin import Origins, mark_of
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys, mark
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import numbered, said

ID = b"s"


@pytest.fixture
def origins(link: RedisLink) -> Origins:
    return Origins(link, Versions(link, None))


async def test_pages_hold_few_large_or_many_small_entries(
    origins: Origins, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their size follows that of the entries before; no entry is left out, and none is behind the message."""
    monkeypatch.setattr(module, "BYTES", 4_000)
    texts = ["x"] * 90 + ["x" * 3_000] * 20 + ["x"] * 20
    await store.append(ID, said(*texts), None, mark(None), ())
    origin = await origins.read(ID, 129)
    assert origin is not None
    pages = [[int(entry[0].split(b"-")[0]) for entry in page] async for page in origins.messages(origin)]
    assert [number for page in pages for number in page] == list(range(1, 130))
    assert len(pages[0]) == module.FIRST
    assert max(map(len, pages)) > 2 * module.FIRST
    assert [page for page in pages if 110 in page] == [[110]]


async def test_gaps_are_withdrawn_and_damaged_numbers(
    origins: Origins, store: Store, link: RedisLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the message, each once, in pages."""
    monkeypatch.setattr(module, "MOST", 2)
    await store.append(ID, numbered(0, 9), None, mark(None), ())
    await store.append(ID, numbered(9, 3), None, mark(None), (), replace_after=2)
    await store.append(ID, [], None, mark(None), (), replace_after=11)
    await link.execute("HSET", SessionKeys(ID).damaged, "messages/1-0/m", "x", "state.title", "x")
    origin = await origins.read(ID, 11)
    assert origin is not None
    pages = [page async for page in origins.gaps(origin)]
    assert sorted(number for page in pages for number in page) == [1, *range(3, 10)]
    assert max(map(len, pages)) == 2


async def test_only_what_the_message_depends_on_counts_as_a_change(origins: Origins, store: Store) -> None:
    """Appends, and withdrawals behind the message, are none."""
    await store.append(ID, numbered(0, 4), None, mark(None), ())
    origin = await origins.read(ID, 3)
    assert origin is not None
    await store.append(ID, numbered(4, 1), "Edited.", mark(None), (), replace_after=3)
    assert await origins.is_unchanged(origin)
    await store.append(ID, numbered(4, 1), None, mark(None), (), replace_after=2)
    assert not await origins.is_unchanged(origin)
    with pytest.raises(NoSuchMessage):
        await origins.version(origin)
    await store.delete(ID)
    await store.append(ID, numbered(0, 4), None, mark(None), ())
    assert not await origins.is_unchanged(origin)


def test_a_mark_names_session_life_and_message() -> None:
    """Two forks have the same mark only if all three are the same."""
    marks = {mark_of(b"a", "e", 1), mark_of(b"b", "e", 1), mark_of(b"a", "f", 1), mark_of(b"a", "e", 11)}
    assert len(marks) == 4
    assert mark_of(b"a", "e", 1) in marks
