"""The accounts in the database. These functions are synchronous; call them through ``sync_to_async``."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.crypto import salted_hmac

from chat.domain.session_ids import new_owner_id
from chat.models import Account


def account_of(user: User) -> Account:
    """The user's account; a user of the admin gets one, with a new owner, when they first sign in on the page."""
    account, _ = Account.objects.get_or_create(user=user, defaults={"owner": new_owner_id(), "seal": seal_of(user)})
    return account


def find_account(owner: str) -> Account | None:
    """The account whose sessions belong to ``owner``, with its user; None if there is no such account."""
    return Account.objects.select_related("user").filter(owner=owner).first()


def is_sealed(account: Account) -> bool:
    """Whether visits of the account still hold: the user is active, and has the password with which they began."""
    return account.user.is_active and account.seal == seal_of(account.user)


def seal_again(account: Account) -> None:
    """Note that visits which began before are over, and that those which begin now hold."""
    Account.objects.filter(pk=account.pk).update(seal=seal_of(account.user))


def delete_account(owner: str) -> bool:
    """Delete the account and its user. False: the user is a member of staff and stays, or there is no account."""
    account = find_account(owner)
    if account is None:
        return False
    if account.user.is_staff or account.user.is_superuser:
        account.delete()
        return False
    account.user.delete()
    return True


def seal_of(user: User) -> str:
    """A digest of the user's password, and of whether they may sign in."""
    return salted_hmac("chat.account", f"{user.is_active} {user.password}", algorithm="sha256").hexdigest()
