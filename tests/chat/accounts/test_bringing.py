"""Taking a visitor's sessions along into an account, over a real Valkey."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from chat.accounts import bringing, forgetting
from chat.accounts.bringing import begin_bringing, bring_along
from chat.domain.exceptions import ChatError, MemoryUnreachable
from chat.domain.session_ids import Session, owned_session
from chat.grants.credentials import Visit
from chat.grants.grants import Grants
from tests.chat.sessions.test_moving import IdleRuns
from tests.support.grants import grants_in
from tests.support.in_memory import DictBells, DictMemory
from tests.support.links import process


class StubbornMemory(DictMemory):
    """A memory that cannot delete some sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: dict[str, ChatError] = {}

    async def delete_memory(self, session: Session) -> None:
        if session.memory_id in self.errors:
            raise self.errors[session.memory_id]
        await super().delete_memory(session)

    async def texts(self, owner: str) -> list[list[str]]:
        """What was said in each of the owner's sessions."""
        listed = await self.list_sessions(f"chat.{owner}")
        return sorted([message.content for message in self.said(each.memory_id)] for each in listed)


@dataclass
class Parts:
    """The components that accounts need."""

    grants: Grants
    memory: StubbornMemory
    runs: IdleRuns
    bells: DictBells


@pytest.fixture
async def parts(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Parts]:
    """A site with sessions of a visitor and of an account."""
    async with process(redis_url) as worker:
        parts = Parts(grants_in(worker), StubbornMemory(), IdleRuns(), DictBells())
        for owner, name in (("visitor", "a"), ("visitor", "b"), ("anna", "c")):
            parts.memory.seed(owned_session(owner, name), name)
        monkeypatch.setattr(bringing, "components", lambda: parts)
        monkeypatch.setattr(forgetting, "components", lambda: parts)
        yield parts


async def test_a_visitor_s_sessions_become_the_account_s(parts: Parts) -> None:
    """No copy of the visitor's cookie opens anything any more."""
    visit, copy = Visit("visitor", "v", time.time()), Visit("visitor", "w", time.time())
    await begin_bringing(visit, "anna")
    assert [await parts.grants.visits.is_over(each) for each in (visit, copy)] == [True, True]
    moved = await bring_along("anna")
    assert (moved.moved, moved.left) == (2, {})
    assert await parts.memory.texts("anna") == [["a"], ["b"], ["c"]]
    assert await parts.memory.texts("visitor") == []
    assert await parts.grants.moves.under_way("anna") == []


async def test_what_was_left_comes_along_later(parts: Parts) -> None:
    """The next sign-in, or a click, completes the move."""
    parts.memory.errors = {"visitor.a": MemoryUnreachable()}
    await begin_bringing(Visit("visitor", "v", time.time()), "anna")
    moved = await bring_along("anna")
    assert (moved.moved, list(moved.left)) == (1, ["visitor.a"])
    assert await parts.grants.moves.under_way("anna") == ["visitor"]
    parts.memory.errors = {}
    assert (await bring_along("anna")).moved == 1
    assert await parts.memory.texts("anna") == [["a"], ["b"], ["c"]]
    assert (await bring_along("anna")).moved == 0
