"""Sharing a session by a link, over a real Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.domain.exceptions import InvalidShare, ShareEnded
from chat.domain.session_ids import owned_session
from chat.grants.shares import Shares
from chat.sessions import sharing
from chat.sessions.sharing import read_shared, share_session
from tests.chat.memory.memories import open_client
from tests.support.in_memory import DictMemory
from tests.support.links import process
from tests.support.original_motorhead import OriginalMotorhead

TRIP = owned_session("bob", "trip")


@pytest.fixture
async def shares(redis_url: str) -> AsyncIterator[Shares]:
    """The links of a worker."""
    async with process(redis_url) as worker:
        yield Shares(worker.store)


@pytest.fixture
def memory() -> DictMemory:
    """A memory with one session, of which half is folded."""
    memory = DictMemory(window_size=4)
    memory.seed(TRIP, "m1", "m2", "m3", "m4", "m5", "m6")
    return memory


async def test_a_link_shows_the_session_as_it_is_now(memory: DictMemory, shares: Shares) -> None:
    """Its title, its summary and all its messages, also what was said since the link was made."""
    secret = await share_session(TRIP, memory, shares)
    memory.seed(TRIP, "m7")
    shown = await read_shared(secret, None, memory, shares)
    assert shown.title == "m1"
    assert "m1" in (shown.memory.context or "")
    assert [message.content for message in shown.page.messages] == [f"m{number}" for number in range(1, 8)]


async def test_messages_come_in_pages(memory: DictMemory, shares: Shares, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first."""
    monkeypatch.setattr(sharing, "PAGE", 4)
    secret = await share_session(TRIP, memory, shares)
    newest = (await read_shared(secret, None, memory, shares)).page
    assert ([message.id for message in newest.messages], newest.before) == (["3", "4", "5", "6"], "3")
    first = (await read_shared(secret, newest.before, memory, shares)).page
    assert ([message.id for message in first.messages], first.before) == (["1", "2"], None)


async def test_a_link_ends_when_it_is_revoked(memory: DictMemory, shares: Shares) -> None:
    """And no other secret opens anything."""
    secret, other = await share_session(TRIP, memory, shares), await share_session(TRIP, memory, shares)
    (share,) = [each for each in await shares.list("bob") if each == await shares.find(secret)]
    await shares.revoke("bob", share.id)
    for ended in (secret, "A" * 22, "../../etc", share.id):
        with pytest.raises(ShareEnded):
            await read_shared(ended, None, memory, shares)
    assert (await read_shared(other, None, memory, shares)).memory.messages


@pytest.mark.parametrize("begun_again", [False, True])
async def test_a_link_ends_with_the_life_of_its_session(memory: DictMemory, shares: Shares, begun_again: bool) -> None:
    """Even if the session was deleted elsewhere, and its id is used again. Then the link is forgotten."""
    secret = await share_session(TRIP, memory, shares)
    await memory.delete_memory(TRIP)
    if begun_again:
        memory.seed(TRIP, "something private")
    with pytest.raises(ShareEnded):
        await read_shared(secret, None, memory, shares)
    assert await shares.list("bob") == []


async def test_links_are_bounded(memory: DictMemory, shares: Shares, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sentence; so is a session in which nothing was said."""
    monkeypatch.setattr(sharing, "MOST_LINKS", 1)
    await share_session(TRIP, memory, shares)
    with pytest.raises(InvalidShare, match="You have 1 links already"):
        await share_session(TRIP, memory, shares)
    with pytest.raises(InvalidShare, match="nothing to share"):
        await share_session(owned_session("bob", "empty"), memory, shares)


async def test_a_session_of_the_original_can_be_shared(shares: Shares) -> None:
    """Its window; a deletion ends the link."""
    with OriginalMotorhead() as server:
        server.append(TRIP.memory_id, [{"role": "Human", "content": "hi"}], "chat.bob")
        async with open_client(server.url) as memory:
            secret = await share_session(TRIP, memory, shares)
            shown = await read_shared(secret, None, memory, shares)
            assert ([message.content for message in shown.page.messages], shown.title) == (["hi"], None)
            await memory.delete_memory(TRIP)
            with pytest.raises(ShareEnded):
                await read_shared(secret, None, memory, shares)
