"""Who is signed in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User

from chat.accounts import current
from chat.accounts.accounts import seal_of
from chat.accounts.current import account_of_visit
from chat.models import Account
from chat.web.cookies import new_visit, new_visit_of

ended: list[str] = []


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """The one account, and the visits of the site; neither is in the database."""
    user = User(username="anna", password="hashed")
    account = Account(user=user, owner="anna-s", seal=seal_of(user))
    ended.clear()

    async def end_all(owner: str) -> None:
        ended.append(owner)

    def seal_again(account: Account) -> None:
        account.seal = seal_of(account.user)

    parts = SimpleNamespace(grants=SimpleNamespace(visits=SimpleNamespace(end_all=end_all)))
    monkeypatch.setattr(current, "components", lambda: parts)
    monkeypatch.setattr(current, "find_account", lambda owner: account if owner == "anna-s" else None)
    monkeypatch.setattr(current, "seal_again", seal_again)
    return account


async def test_a_visit_knows_its_account(account: Account) -> None:
    """Of the person who has signed in for it, if the account still exists."""
    assert await account_of_visit(new_visit_of("anna-s")) is account
    assert await account_of_visit(new_visit_of("gone")) is None
    assert ended == []


async def test_a_visitor_needs_no_query(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cookie says that nobody has signed in."""
    find: Any = None
    monkeypatch.setattr(current, "find_account", find)
    assert await account_of_visit(new_visit()) is None


async def test_visits_end_that_began_with_another_password(account: Account) -> None:
    """Should that have been impossible when it was changed. Those that begin now hold."""
    account.user.password = "another"
    assert await account_of_visit(new_visit_of("anna-s")) is None
    assert ended == ["anna-s"]
    assert await account_of_visit(new_visit_of("anna-s")) is account
