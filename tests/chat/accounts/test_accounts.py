"""Accounts in the database."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from chat.accounts.accounts import account_of, delete_account, find_account, is_sealed, seal_again, seal_of
from chat.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    """A user without an account."""
    return User.objects.create(username="anna", password="hashed")


def test_a_user_has_one_account(anna: User) -> None:
    """It is made when it is first asked for, with an owner of its own."""
    account = account_of(anna)
    other = account_of(User.objects.create(username="bert"))
    assert account_of(anna) == account == find_account(account.owner)
    assert account.owner != other.owner
    assert find_account("nobody") is None


@pytest.mark.parametrize("change", [{"password": "another"}, {"is_active": False}])
def test_visits_hold_as_long_as_the_password_does(anna: User, change: dict[str, object]) -> None:
    """And as long as the user is active; after a change they hold again once that is noted."""
    owner = account_of(anna).owner

    def found() -> Account:
        account = find_account(owner)
        assert account is not None
        return account

    assert is_sealed(found())
    User.objects.filter(pk=anna.pk).update(**change)
    assert not is_sealed(found())
    seal_again(found())
    assert is_sealed(found()) is ("password" in change)
    assert found().seal == seal_of(found().user)


def test_an_account_is_deleted_with_its_user(anna: User) -> None:
    """Deleting it again is harmless."""
    owner = account_of(anna).owner
    assert [delete_account(owner), delete_account(owner)] == [True, False]
    assert not User.objects.exists()


@pytest.mark.parametrize("kind", ["is_staff", "is_superuser"])
def test_staff_lose_only_the_account(anna: User, kind: str) -> None:
    """They can still sign in to the admin, and delete one another there."""
    User.objects.filter(pk=anna.pk).update(**{kind: True})
    owner = account_of(anna).owner
    assert not delete_account(owner)
    assert find_account(owner) is None
    assert User.objects.filter(username="anna").exists()
