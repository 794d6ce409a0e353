"""Exports as files."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator

import pytest

from chat.domain.details import SessionListing
from chat.domain.exceptions import MemoryUnreachable
from chat.domain.session_ids import owned_session
from chat.sessions.export_formats import ExportFormat
from chat.web.asker import name_asker
from chat.web.downloads import FORMATS, PORTION, download, session_name

SESSION = owned_session("alice", "trip")


async def pieces(count: int, size: int) -> AsyncGenerator[str]:
    for _ in range(count):
        yield "x" * size


async def test_small_pieces_are_sent_together():
    """A chunk on the wire for each would be slow."""
    answer = await download("trip", FORMATS["json"], lambda _: pieces(100, 1000))
    assert answer is not None
    sent = [portion async for portion in answer]
    assert sum(map(len, sent)) == 100_000
    assert len(sent) <= 100_000 // PORTION + 1
    assert answer["Content-Disposition"] == 'attachment; filename="trip.json"'


async def test_downloads_of_a_visitor_wait_for_each_other():
    """Who loads everything many times at once shares one turn with it, and another visitor's download has its own."""
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def written(owner: str) -> AsyncGenerator[str]:
        yield "begun"
        for _ in range(3):
            now[owner] += 1
            most[owner] = max(most[owner], now[owner])
            most["all"] = max(most["all"], now.total())
            await asyncio.sleep(0)
            now[owner] -= 1
            yield "x" * PORTION

    async def load(owner: str) -> int:
        name_asker(owner, None)
        answer = await download("trip", FORMATS["json"], lambda _: written(owner))
        assert answer is not None
        return sum([len(portion) async for portion in answer])

    loaded = await asyncio.gather(*map(load, ["mallory"] * 4 + ["bob"]))
    assert loaded == [5 + 3 * PORTION] * 5
    assert most == {"mallory": 1, "bob": 1, "all": 2}


async def test_nothing_is_no_file():
    """The caller says what that means."""
    assert await download("trip", FORMATS["markdown"], lambda _: pieces(0, 0)) is None


async def test_an_outage_at_the_beginning_is_raised():
    """So that it can still become an answer."""

    async def away(_: ExportFormat) -> AsyncGenerator[str]:
        raise MemoryUnreachable
        yield  # type: ignore[unreachable]

    with pytest.raises(MemoryUnreachable):
        await download("trip", FORMATS["json"], away)


@pytest.mark.parametrize(
    ("title", "name"), [("Trip to Rome!", "trip-to-rome"), ("Ünïcode", "ünïcode"), ("???", "session"), (None, "trip")]
)
def test_a_file_is_named_after_its_session(title: str | None, name: str):
    """As far as a file's name can be."""
    assert session_name(SESSION, SessionListing(SESSION.memory_id, title)) == name
