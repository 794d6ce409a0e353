"""Forgetting a person, over a real Valkey."""

from __future__ import annotations

import time

import pytest

from chat.accounts import forgetting
from chat.accounts.bringing import begin_bringing
from chat.accounts.forgetting import forget_owner
from chat.domain.exceptions import MemoryUnreachable
from chat.domain.session_ids import owned_session
from chat.grants.credentials import Visit
from tests.chat.accounts.test_bringing import Parts, parts as parts  # a fixture

HERE, ELSEWHERE = (Visit("visitor", visit, time.time()) for visit in "ab")


@pytest.fixture(autouse=True)
def deleted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The owners whose accounts were deleted."""
    owners: list[str] = []

    def delete(owner: str) -> bool:
        owners.append(owner)
        return True

    monkeypatch.setattr(forgetting, "delete_account", delete)
    return owners


async def test_nothing_is_left(parts: Parts, deleted: list[str]) -> None:
    """Neither sessions, tokens and links, nor the account and its visits. Other people's things stay."""
    token = await parts.grants.tokens.add("visitor", "", 60)
    hers = await parts.grants.tokens.add("anna", "", 60)
    secret = await parts.grants.shares.add("visitor", owned_session("visitor", "a"), None)
    report = await forget_owner("visitor")
    assert (report.sessions, report.messages, report.tokens, report.links) == (2, 2, 1, 1)
    assert (report.account, report.left) == (True, {})
    assert await parts.memory.list_sessions("chat.visitor") == []
    assert await parts.grants.shares.find(secret) is None
    assert [await parts.grants.tokens.find(each.id) is not None for each in (token, hers)] == [False, True]
    assert [await parts.grants.visits.is_over(visit) for visit in (HERE, ELSEWHERE)] == [True, True]
    assert deleted == ["visitor"]
    assert await parts.memory.texts("anna") == [["c"]]


async def test_what_resists_can_be_tried_again(parts: Parts, deleted: list[str]) -> None:
    """Until then the account and the visit stay, or nobody could try again."""
    parts.memory.errors = {"visitor.a": MemoryUnreachable()}
    report = await forget_owner("visitor")
    assert (report.sessions, list(report.left), report.account) == (1, ["visitor.a"], False)
    assert deleted == []
    assert not await parts.grants.visits.is_over(HERE)
    parts.memory.errors = {}
    again = await forget_owner("visitor")
    assert (again.sessions, again.left, deleted) == (1, {}, ["visitor"])
    assert await parts.grants.visits.is_over(HERE)


async def test_sessions_on_their_way_to_the_account_are_erased_too(parts: Parts) -> None:
    """They are the person's, although a move broke off."""
    await begin_bringing(Visit("visitor", "v", time.time()), "anna")
    report = await forget_owner("anna")
    assert report.sessions == 3
    assert await parts.memory.list_namespaces() == []
    assert await parts.grants.moves.under_way("anna") == []


async def test_what_is_said_while_it_ends_is_erased(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """In another tab, just before its visit is over."""
    end_all = parts.grants.visits.end_all

    async def say_and_end(owner: str) -> None:
        parts.memory.seed(owned_session("visitor", "late"), "wait")
        await end_all(owner)

    monkeypatch.setattr(type(parts.grants.visits), "end_all", lambda _, owner: say_and_end(owner))
    assert (await forget_owner("visitor")).sessions == 3
    assert await parts.memory.list_sessions("chat.visitor") == []


async def test_what_resists_at_the_end_can_be_tried_again(
    parts: Parts, deleted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account stays until nothing is left, although its visits are over."""
    end_all = parts.grants.visits.end_all

    async def say_and_end(owner: str) -> None:
        parts.memory.seed(owned_session("visitor", "late"), "wait")
        parts.memory.errors = {"visitor.late": MemoryUnreachable()}
        await end_all(owner)

    with monkeypatch.context() as patched:
        patched.setattr(type(parts.grants.visits), "end_all", lambda _, owner: say_and_end(owner))
        report = await forget_owner("visitor")
    assert (list(report.left), report.account, deleted) == (["visitor.late"], False, [])
    parts.memory.errors = {}
    again = await forget_owner("visitor")
    assert (again.sessions, again.account, deleted) == (1, True, ["visitor"])
