"""Signing up and in."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.test import RequestFactory

from chat.accounts.accounts import account_of
from chat.accounts.forms import SignUpForm
from chat.accounts.invitations import invite
from chat.accounts.signing import check_password, make_account
from chat.domain.exceptions import AccessDenied
from chat.models import Invitation

pytestmark = pytest.mark.django_db

PASSWORD = "a password of the tests"
REQUEST = RequestFactory().post("/")


class CountingHasher(MD5PasswordHasher):
    """A fast hasher that counts how often it is asked."""

    asked = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.asked += 1
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def hasher(settings: Any) -> None:
    """The hasher of the test's passwords."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]


def form(name: str) -> SignUpForm:
    """A valid form."""
    filled = SignUpForm({"username": name, "password1": PASSWORD, "password2": PASSWORD})
    assert filled.is_valid(), filled.errors
    return filled


def test_a_new_account_has_the_visitor_s_sessions() -> None:
    """Nothing moves: it takes over the owner. Its name and password then open it."""
    account = make_account(form("anna"), "visitor")
    assert account.owner == "visitor"
    assert check_password(REQUEST, "anna", PASSWORD) == account
    assert User.objects.get().last_login is not None


def test_an_owner_belongs_to_one_account() -> None:
    """A second account of the same visit has an owner of its own."""
    make_account(form("anna"), "visitor")
    assert make_account(form("bert"), "visitor").owner != "visitor"


def test_a_name_that_was_taken_meanwhile_is_refused() -> None:
    """Both forms were valid; the invitation of the second is not used up."""
    first, second, invitation = form("anna"), form("anna"), invite()
    make_account(first, "one")
    with pytest.raises(AccessDenied, match="just taken this name"):
        make_account(second, "two", invitation.secret)
    assert Invitation.objects.get().used_at is None


def test_without_a_valid_invitation_no_account_is_made() -> None:
    """Neither with a used one."""
    secret = invite().secret
    make_account(form("anna"), "one", secret)
    for wrong in (secret, "", "another"):
        with pytest.raises(AccessDenied, match="invitation was used"):
            make_account(form("bert"), "two", wrong)
    assert User.objects.count() == 1


def test_an_unknown_name_costs_as_much_as_a_wrong_password() -> None:
    """The password is hashed once in each case, also for a user who may not sign in, and the error is the same."""
    make_account(form("anna"), "one")
    make_account(form("bert"), "two")
    User.objects.filter(username="bert").update(is_active=False)
    asked = []
    for name, password in (("anna", "wrong"), ("nobody", "wrong"), ("bert", PASSWORD)):
        CountingHasher.asked = 0
        with pytest.raises(AccessDenied, match="password is wrong"):
            check_password(REQUEST, name, password)
        asked.append(CountingHasher.asked)
    assert asked == [1, 1, 1]


def test_staff_get_an_account_when_they_first_sign_in() -> None:
    """They are users, too."""
    staff = User.objects.create_user("margaret", password=PASSWORD, is_staff=True)
    assert check_password(REQUEST, "margaret", PASSWORD) == account_of(staff)
