"""Signing up and in: checking names and passwords, and making accounts. These functions are synchronous."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.contrib.auth.models import User, update_last_login
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from chat.accounts.accounts import account_of, find_account, seal_of
from chat.accounts.forms import SignUpForm
from chat.accounts.invitations import redeem
from chat.domain.exceptions import AccessDenied
from chat.domain.session_ids import new_owner_id
from chat.models import Account


def check_password(request: HttpRequest, username: str, password: str) -> Account:
    """The account of the user with this name and password.

    Raises `AccessDenied`: no user has both. An unknown name takes as long as a wrong password, with the same answer.
    """
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise AccessDenied("wrong_password")
    update_last_login(User, user)
    return account_of(user)


def make_account(form: SignUpForm, owner: str, invitation: str | None = None) -> Account:
    """A new account with the name and password of a valid ``form``, which takes over the sessions of ``owner``.

    ``invitation``: the secret that it uses up (None: anybody may sign up). Raises `AccessDenied`: the invitation is not
    valid, or the name was taken meanwhile.
    """
    try:
        with transaction.atomic():
            if invitation is not None:
                redeem(invitation)
            user = form.save()
            free = owner if find_account(owner) is None else new_owner_id()
            return Account.objects.create(user=user, owner=free, seal=seal_of(user))
    except IntegrityError:
        raise AccessDenied("name_taken") from None
