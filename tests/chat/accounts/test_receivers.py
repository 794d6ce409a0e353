"""What ends the visits of an account, wherever it happens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest
from django.contrib.auth.models import User

from chat.accounts.accounts import account_of, find_account, is_sealed
from chat.domain.exceptions import RunLogUnreachable

pytestmark = pytest.mark.django_db

Committed: TypeAlias = Callable[..., AbstractContextManager[Any]]


class Ends:
    """Records whose visits were ended."""

    def __init__(self) -> None:
        self.owners: list[str] = []
        self.away = False

    async def end_all(self, owner: str) -> None:
        if self.away:
            raise RunLogUnreachable
        self.owners.append(owner)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Ends:
    """The visits of the site."""
    visits = Ends()
    parts = SimpleNamespace(grants=SimpleNamespace(visits=visits))
    monkeypatch.setattr("chat.components.components", lambda: parts)
    return visits


@pytest.fixture
def anna() -> User:
    """A user."""
    return User.objects.create(username="anna", password="hashed")


@pytest.mark.parametrize("change", [{"password": "another"}, {"is_active": False}])
def test_a_change_of_the_password_ends_them(
    ends: Ends, anna: User, change: dict[str, Any], django_capture_on_commit_callbacks: Committed
) -> None:
    """Likewise when the user is deactivated. Other changes end nothing, nor do those of a user without an account."""
    with django_capture_on_commit_callbacks(execute=True):
        anna.password = "the second"
        anna.save()
        account = account_of(anna)
        anna.email = "anna@example.org"
        anna.save()
    assert ends.owners == []
    for field, value in change.items():
        setattr(anna, field, value)
    with django_capture_on_commit_callbacks(execute=True):
        anna.save()
        assert ends.owners == []  # not before it is committed
    assert ends.owners == [account.owner]


def test_during_an_outage_they_end_later(ends: Ends, anna: User, django_capture_on_commit_callbacks: Committed) -> None:
    """The seal stays broken, so the next page of one of them ends all."""
    owner = account_of(anna).owner
    ends.away = True
    with django_capture_on_commit_callbacks(execute=True):
        anna.password = "another"
        anna.save()
    account = find_account(owner)
    assert account is not None
    assert not is_sealed(account)


def test_deleting_the_user_ends_them(ends: Ends, anna: User, django_capture_on_commit_callbacks: Committed) -> None:
    """By the account, which is deleted with the user."""
    owner = account_of(anna).owner
    with django_capture_on_commit_callbacks(execute=True):
        anna.delete()
    assert ends.owners == [owner]
