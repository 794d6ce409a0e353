"""The details that a session is given: merging of metadata, and changes at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from motorhead.messages import PatchSession
from motorhead.sessions.details import Details, merged
from motorhead.store.keys import SessionKeys
from motorhead.store.store import Store
from redis_link.connection import Command, Reply
from redis_link.link import RedisLink
from tests.support.kit import said

S = b"s"


@pytest.fixture
async def details(store: Store, link: RedisLink) -> Details:
    """The details of a store with one session."""
    await store.append(S, said("hi im bob"), None, b"-", ())
    return Details(link)


@pytest.mark.parametrize(
    ("old", "patch", "new"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": None, "z": 3}}, {"a": {"y": 2, "z": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": "text"}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
        ({}, {"a": None}, {}),
    ],
)
def test_metadata_are_merged_as_in_rfc_7396(old: dict[str, object], patch: dict[str, object], new: object):
    """Null removes a key, objects are merged, and everything else is replaced; the old metadata stay as they are."""
    before = repr(old)
    assert merged(old, patch) == new
    assert repr(old) == before


async def test_clients_that_change_different_metadata_at_once_lose_none(details: Details):
    """Each change is based on the metadata that it replaces."""
    await asyncio.gather(*(details.change(S, PatchSession(metadata={f"k{n}": n})) for n in range(16)))
    assert (await details.read(S))[0].metadata == {f"k{n}": n for n in range(16)}


async def test_damaged_metadata_read_as_none(details: Details, link: RedisLink):
    """They do not hide the session, and the next change replaces them."""
    await link.execute("HSET", SessionKeys(S).state, "metadata", b"{\xff")
    assert (await details.read(S))[0].metadata == {}
    await details.change(S, PatchSession(metadata={"a": 1}))
    assert (await details.read(S))[0].metadata == {"a": 1}


async def test_details_are_read_in_one_round_trip(details: Details, link: RedisLink, monkeypatch: pytest.MonkeyPatch):
    """They and the epoch are of one moment."""
    asked: list[int] = []
    replies = link.replies

    async def counted(commands: Sequence[Command]) -> list[Reply]:
        asked.append(len(commands))
        return await replies(commands)

    monkeypatch.setattr(link, "replies", counted)
    found, epoch = await details.read(S)
    assert (found.title, len(epoch), asked) == ("hi im bob", 16, [1])
