"""Versions of the summary, and their cost."""

from __future__ import annotations

import pytest

from motorhead.sessions.versions import Versions
from redis_link.link import RedisLink


async def test_versions_come_newest_first_page_by_page(link: RedisLink, folded_twice: bytes) -> None:
    """A page begins below the given version; below the first version there is nothing."""
    versions = Versions(link, None)
    assert [one.version for one in await versions.page(folded_twice, None, 1)] == [2]
    assert [one.version for one in await versions.page(folded_twice, 2, 9)] == [1]
    assert await versions.page(folded_twice, 1, 9) == []


async def test_one_version_can_be_asked_for(link: RedisLink, folded_twice: bytes) -> None:
    """A version is returned as stored; an unknown number yields None."""
    versions = Versions(link, None)
    first = await versions.version(folded_twice, 1)
    assert first is not None
    assert (first.version, first.context, first.through) == (1, "|".join(f"m{n}" for n in range(6)), "6")
    assert first.weight > 0
    assert [await versions.version(folded_twice, number) for number in (0, 3)] == [None, None]


async def test_what_was_spent_is_added_up_and_priced(link: RedisLink, folded_twice: bytes) -> None:
    """Prompt and completion tokens are counted separately and priced by the million; without prices, no cost."""
    spent = await Versions(link, (1.0, 2.0)).spent(folded_twice)
    assert (spent.prompt_tokens, spent.completion_tokens) == (20, 10)
    assert spent.cost == pytest.approx(40 / 1_000_000)
    assert (await Versions(link, None).spent(folded_twice)).cost is None
